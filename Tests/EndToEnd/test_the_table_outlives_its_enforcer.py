# SPDX-License-Identifier: Apache-2.0
"""The netlink socket that owns the table waits at systemd: the enforcer may die, partners and strangers notice nothing."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from support import network
from support.manager import Manager
from support.programs import meanwhile, programs, until


@pytest.fixture
def manager(lab):
    made = Manager(lab.folder)
    yield made
    made.close()


@pytest.fixture
def enforced(lab, manager):
    lab.txn, lab.rpt
    lab.configuration.write()
    begin(lab, manager)
    lab.start_eigd()
    return lab


def begin(lab, manager, handed=()):
    """Starts the enforcer as systemd does: with everything it keeps for it."""
    manager.forget()
    lab.jumpd.start(environment=manager.environment(watchdog=3), sockets=[*manager.kept, *handed])
    return manager.told("READY=1")


def nft(lab, *words):
    return network.run(*lab.network.edge.command("nft", *words))


def handle(lab):
    """The kernel's number of the table: another number is another table."""
    tables = json.loads(nft(lab, "-j", "list", "tables"))["nftables"]
    return next(each["table"]["handle"] for each in tables if each.get("table", {}).get("name") == "eig")


class Traffic:
    """New connections of an allowed partner and of a stranger, all the time."""

    def __init__(self, lab):
        self.lab = lab
        self.stop = threading.Event()
        self.passed, self.failed, self.intruded, self.dropped = [], [], [], []

    def allowed(self):
        while not self.stop.is_set():
            begun = time.monotonic()
            try:
                # Less than the first retransmission of a SYN: one packet that is lost is seen.
                self.lab.network.payfast.connect((network.EDGE, 8443), network.PAYFAST, timeout=0.8).close()
                self.passed.append(begun)
            except OSError as error:
                self.failed.append((begun, error))
            time.sleep(0.002)

    def stranger(self):
        while not self.stop.is_set():
            try:
                self.lab.network.stranger.connect((network.EDGE, 8443), timeout=0.05).close()
                self.intruded.append(time.monotonic())
            except OSError:
                self.dropped.append(time.monotonic())

    def __enter__(self):
        self._context = meanwhile(self.stop, self.allowed, self.stranger, self.stranger)
        self._context.__enter__()
        return self

    def __exit__(self, *why):
        return self._context.__exit__(*why)

    def since(self, instant):
        """How many a partner opened after `instant`, once strangers have tried as well; none before."""
        if len([each for each in self.dropped if each > instant]) < 4:
            return 0
        return len([each for each in self.passed if each > instant])


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended in order"])
def test_no_packet_notices_that_the_enforcer_is_gone(enforced, manager, end):
    lab = enforced
    assert [name for name, _ in manager.kept] == ["nftables"]
    table = handle(lab)
    with Traffic(lab) as traffic:
        until(lambda: traffic.since(0) > 20, what="traffic")
        for _ in range(3):
            lab.jumpd.signal(end)
            lab.jumpd.exited()
            gone = time.monotonic()
            # What every host's nftables.service does when it stops: it may not take the allow-list along.
            nft(lab, "flush", "ruleset")
            until(lambda: traffic.since(gone) > 20, what="traffic without an enforcer")
            begin(lab, manager)
            assert "took over the table" in lab.jumpd.complaints()
            assert handle(lab) == table, "another table was made"
            back = time.monotonic()
            until(lambda: traffic.since(back) > 20, what="traffic with an enforcer")
    assert not traffic.failed, traffic.failed[:3]
    assert not traffic.intruded
    assert len(traffic.dropped) >= 28 and len(traffic.passed) >= 140
    status = lab.enforcer.json("GET", "/v1/status")
    assert status["kernel"]["is_owned"] and status["kernel"]["is_in_place"], status["kernel"]
    assert len(manager.kept) == 1


def test_what_changed_meanwhile_is_applied_as_a_delta(enforced, manager):
    lab = enforced
    table = handle(lab)
    lab.payfast.connect().close()
    counted = lab.enforcer.json("GET", "/v1/status")["partners"]
    lab.jumpd.kill()
    lab.partners["mobicash"] = None
    lab.partners["payfast"]["allow"].append({"from": [network.PAYFAST_OTHER], "reason": "second site"})
    lab.configuration.write()
    begin(lab, manager)
    assert handle(lab) == table
    lab.network.payfast.connect((network.EDGE, 8443), network.PAYFAST_OTHER, timeout=2).close()
    with pytest.raises(OSError):
        lab.network.mobicash.connect((network.EDGE, 8443), timeout=0.7)

    def packets(partners):
        return {(partner["id"], entry["prefix"]): entry["packets_total"]
                for partner in partners for entry in partner["entries"]}
    after = packets(lab.enforcer.json("GET", "/v1/status")["partners"])
    before = packets(counted)
    kept = [key for key in before if key in after]
    assert kept and all(after[key] >= before[key] > 0 for key in kept if before[key]), (before, after)
    assert any(before[key] for key in kept), "nothing was counted before"


def test_a_refused_configuration_leaves_what_was_admitted(enforced, manager):
    """A new version, or a new file, that cannot start does not close the edge."""
    lab = enforced
    lab.jumpd.kill()
    lab.partners["mobicash"]["rolls"] = ["receive"]
    lab.configuration.write()
    manager.forget()
    lab.jumpd.start(environment=manager.environment(), sockets=manager.kept)
    assert lab.jumpd.refuses(3)
    manager.status("not enforcing", "mobicash.toml")
    lab.payfast.connect().close()
    with pytest.raises(OSError):
        lab.network.stranger.connect((network.EDGE, 8443), timeout=0.7)


def odd_pipe():
    reader, writer = os.pipe()
    os.close(writer)
    return reader


def odd_tcp():
    return socket.socket().detach()


def odd_route():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).detach()


@pytest.mark.parametrize("odd", [odd_pipe, odd_tcp, odd_route], ids=lambda odd: odd.__name__)
def test_a_descriptor_that_is_not_it_is_thrown_away(enforced, manager, odd):
    lab = enforced
    lab.jumpd.kill()
    manager.kept[0][1].close()
    manager.kept.clear()

    class Odd:
        number = odd()

        def fileno(self):
            return self.number

        def close(self):
            os.close(self.number)

    manager.kept.append(("nftables", Odd()))
    begin(lab, manager)
    # It was removed, and the one that owns the table is in its place.
    assert len(manager.kept) == 1 and not isinstance(manager.kept[0][1], Odd)
    lab.payfast.connect().close()
    assert lab.enforcer.json("GET", "/v1/status")["kernel"]["is_owned"]
    lab.jumpd.kill()
    begin(lab, manager)
    assert "took over the table" in lab.jumpd.complaints()


def test_the_enforcer_says_that_it_lives(enforced, manager):
    manager.told("WATCHDOG=1")
    manager.status("the kernel admits 2 partners")
    manager.forget()
    enforced.jumpd.signal(signal.SIGHUP)
    assert any(word.startswith("MONOTONIC_USEC=") for word in manager.told("RELOADING=1"))
    manager.told("READY=1")
    enforced.jumpd.terminate()
    manager.told("STOPPING=1")
    assert enforced.jumpd.exited() == 0


def test_a_reload_has_an_exit_status(enforced):
    lab = enforced

    def reload():
        return subprocess.run([str(programs() / "jumpd"), "reload", "--config", str(lab.configuration.folder)],
                              capture_output=True, text=True, timeout=30, check=False)
    assert reload().returncode == 0
    lab.partners["payfast"]["allow"][0]["from"] = ["not an address"]
    lab.configuration.write()
    refused = reload()
    assert refused.returncode == 3 and "payfast.toml:" in refused.stderr, refused
    lab.payfast.connect().close()
    lab.jumpd.terminate()
    assert lab.jumpd.exited() == 0
    assert reload().returncode == 1


def test_the_control_socket_may_be_systemds(lab, manager):
    lab.configuration.write()
    path = lab.run / "jumpd-enforce.sock"
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(str(path))
        control.listen()
        begin(lab, manager, handed=[("control", control)])
        assert lab.enforcer.answers()
        lab.jumpd.kill()
        assert path.exists()
        waiting = []
        asker = threading.Thread(target=lambda: waiting.append(lab.enforcer.json("GET", "/v1/status")))
        asker.start()
        begin(lab, manager, handed=[("control", control)])
        asker.join(10)
        assert waiting and waiting[0]["ok"]
