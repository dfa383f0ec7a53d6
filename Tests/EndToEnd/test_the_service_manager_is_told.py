# SPDX-License-Identifier: Apache-2.0
"""systemd hears when the gateway serves, how it is, whether it is stuck, and when it ends (sd_notify(3))."""

import signal
import subprocess

import pytest

from support import network
from support.manager import Manager, frozen
from support.programs import programs, until


@pytest.fixture
def manager(lab):
    made = Manager(lab.folder)
    yield made
    made.close()


def reload(lab):
    """What `ExecReload=` runs."""
    return subprocess.run([str(programs() / "eigd"), "--reload", "--config", str(lab.configuration.folder)],
                          capture_output=True, text=True, timeout=30, check=False)


def start(lab, manager, **options):
    lab.txn, lab.rpt
    lab.configuration.write()
    lab.eigd.start(environment=manager.environment(**options))
    return manager.told("READY=1")


def test_ready_means_that_everything_listens(lab, manager):
    words = start(lab, manager)
    # At once, without a second try: the partners' listener, the inside and the control socket.
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    assert lab.control.answers()
    assert any(word.startswith("STATUS=serving 2 partners, 0 connections; 0 callbacks waiting")
               for word in words), words


def test_the_status_counts_what_lives_and_waits(lab, manager):
    # No MobiCash, no PayFast listens: what is accepted waits.
    lab.txn, lab.rpt
    start(lab, manager)
    with lab.payfast.connect() as first, lab.payfast.connect() as second:
        for each in (first, second):
            assert each.request("GET", "/eig/any/1", fields=lab.payfast.fields).status == 200
        assert lab.callback("payfast", "one", b"{}").status == 202
        manager.status("serving 2 partners, 2 connections; ", "1 callback waiting", timeout=30)
    manager.status("2 partners, 0 connections", timeout=30)


def test_a_reload_is_told_from_its_start_to_its_end(lab, manager):
    start(lab, manager)
    for ask in (lambda: lab.eigd.signal(signal.SIGHUP), lambda: reload(lab)):
        manager.forget()
        ask()
        begun = manager.told(lambda words: "RELOADING=1" in words, what="RELOADING=1")
        assert any(word.startswith("MONOTONIC_USEC=") and int(word.partition("=")[2]) > 0 for word in begun)
        manager.told("READY=1")
    assert reload(lab).returncode == 0


def test_a_bad_reload_leaves_the_service_running_and_says_so(lab, manager):
    start(lab, manager)
    generation = lab.generation
    lab.partners["payfast"]["limit"] = {"burst": 1}
    lab.configuration.write()
    manager.forget()
    refused = reload(lab)
    assert refused.returncode == 1, refused
    assert "payfast.toml:" in refused.stderr and "limit" in refused.stderr, refused.stderr
    assert "nothing was changed" in refused.stderr
    ready = manager.told("READY=1")
    assert any("was refused" in word and "payfast.toml" in word for word in ready), ready
    assert lab.generation == generation
    assert lab.payfast.call("GET", "/eig/any/1").status == 200
    # It goes on saying so, until a change is taken.
    manager.status("was refused", "serving 2 partners")
    del lab.partners["payfast"]["limit"]
    lab.configuration.write()
    manager.forget()
    assert reload(lab).returncode == 0
    assert not any("refused" in word for word in manager.told("READY=1"))


def test_a_reload_of_nobody_fails(lab):
    lab.configuration.write()
    failed = reload(lab)
    assert failed.returncode == 1
    assert "no such socket" in failed.stderr, failed.stderr


def test_a_check_needs_no_other_program(lab):
    def check():
        return subprocess.run([str(programs() / "eigd"), "--check", "--config", str(lab.configuration.folder)],
                              capture_output=True, text=True, timeout=30, check=False)
    lab.configuration.write()
    assert check().returncode == 0
    lab.gateway["route"][0]["to"] = "txm"
    lab.configuration.write()
    refused = check()
    assert refused.returncode == 1 and "eigd.toml:" in refused.stderr, refused


@pytest.mark.parametrize("thread", ["worker-0", "log"])
def test_a_thread_that_hangs_silences_the_watchdog(lab, manager, thread):
    start(lab, manager, watchdog=0.9)
    manager.told("WATCHDOG=1")
    with frozen(lab.eigd.pid, thread):
        manager.status("stuck" , timeout=20)
        manager.forget()
        with pytest.raises(AssertionError):
            manager.told("WATCHDOG=1", timeout=2)
    manager.told("WATCHDOG=1")
    manager.status("serving 2 partners")


def test_a_log_that_nobody_reads_is_no_reason_to_be_killed(lab, manager):
    """What a slow reader of the log holds up is the log, not the gateway."""
    lab.txn, lab.rpt
    lab.configuration.write()
    lab.eigd.output.unlink(missing_ok=True)
    # A pipe whose reader takes nothing, where the log goes.
    under = ["bash", "-c", 'exec "$@" > >(exec sleep 60)', "bash"]
    lab.eigd.start(environment=manager.environment(watchdog=0.9), under=under)
    manager.told("READY=1")
    until(lambda: lab.control.answers(), what="eigd to answer")
    with lab.payfast.connect() as connection:
        # More lines than a pipe holds.
        for _ in range(600):
            assert connection.request("GET", "/eig/any/1", fields=lab.payfast.fields).status == 200
    manager.forget()
    for _ in range(24):
        manager.told("WATCHDOG=1", timeout=2)


def test_the_end_is_told_and_given_time(lab, manager):
    lab.gateway["timeouts"] = {"drain": "8s"}
    start(lab, manager)
    manager.forget()
    with lab.payfast.connect() as connection:
        assert connection.request("GET", "/eig/any/1", fields=lab.payfast.fields).status == 200
        lab.eigd.terminate()
        manager.told("STOPPING=1")
        extended = manager.told(lambda words: any(word.startswith("EXTEND_TIMEOUT_USEC=") for word in words))
        assert int(next(word for word in extended if "USEC" in word).partition("=")[2]) > 8_000_000
        assert any(word.startswith("STATUS=ending: ") for word in extended)
    assert lab.eigd.exited() == 0


def test_why_it_does_not_start_is_told(lab, manager):
    lab.configuration.write()
    with lab.network.edge.listen((network.EDGE, 8443)):
        lab.eigd.start(environment=manager.environment())
        assert lab.eigd.refuses(1)
    manager.status("not started: cannot listen on", "8443")
