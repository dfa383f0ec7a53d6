# SPDX-License-Identifier: Apache-2.0
"""Where an event cannot be kept, nothing happens that would have to be: no new connection, no byte relayed."""

import subprocess
import time

import pytest
from support.network import run
from support.programs import until


@pytest.fixture
def small(lab):
    """A gate whose log is on a file system of its own, of 8 MiB."""
    run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "tmpfs", str(lab.trail))
    try:
        yield lab.start()
    finally:
        lab.gate.kill() if lab.gate.is_running else None
        lab.audit.kill() if lab.audit.is_running else None
        subprocess.run(["umount", "-l", str(lab.trail)], check=False)


def fill(gate):
    """Until not one byte more is taken."""
    with open(gate.trail / "filler", "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            pass


def empty(gate):
    (gate.trail / "filler").unlink()


def status(person, target="eig-01:22"):
    with person.connect() as connection:
        connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
        return int(connection.connection.recv(400).split()[1])


def full(gate):
    """Writes until the log itself says that it has no room."""
    fill(gate)
    until(lambda: status(gate.anna) == 503, 10, 0.1, what="the log to be full")


def test_a_full_disk_admits_nobody_and_room_does(small):
    small.grant("eig-01:22", "txn-db", "rpt-01:443")
    live = small.anna.tunnel()
    assert status(small.anna) == 200
    requests = len(small.servers.web.requests)
    full(small)
    # Each way in says no, at once, and nothing was relayed.
    refused = small.anna.psql("txn-db", "select 1")
    assert refused.code == 2 and "FATAL" in refused.err and refused.was_at_once, refused
    refused = small.anna.curl("-k", "https://rpt-01/")
    assert refused.code == 56 and "503" in refused.err, refused
    assert len(small.servers.web.requests) == requests
    assert small.status["audit_trouble"], small.status
    # What was let in goes on: its beginning is in the log.
    live.send("SSH-2.0-test\r\n")
    assert live.connection.recv(10)
    empty(small)
    until(lambda: status(small.anna) == 200, 10, 0.1, what="the gate to admit again")
    done = small.eigctl("audit", "verify")
    assert done.returncode == 0, done


def test_break_glass_gets_in_all_the_same_and_is_heard_elsewhere(small):
    small.grant("eig-01:22")
    full(small)
    sealed = small.person("sealed")
    code, document = sealed.api("POST", "/v1/break-glass", {"reason": "the disk of the log is full"})
    assert code in (200, 201), document
    until(lambda: status(sealed) == 200, 5, 0.1, what="the glass to be broken")
    assert "sealed" in small.gate.output.read_text()
    assert status(small.anna) == 503


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_without_its_process_nobody_gets_in_until_it_is_back(gate, how):
    gate.grant("eig-01:22")
    assert status(gate.anna) == 200
    if how == "killed":
        gate.audit.kill()
    else:
        gate.audit.terminate()
        assert gate.audit.exited() == 0
    assert status(gate.anna) == 503
    gate.start_audit()
    until(lambda: status(gate.anna) == 200, 5, 0.1, what="the gate to find its log again")
    assert gate.eigctl("audit", "verify").returncode == 0


def test_a_log_that_answers_nothing_is_not_waited_for_long(gate):
    gate.grant("eig-01:22")
    gate.audit.signal(19)
    try:
        assert status(gate.anna) == 503
    finally:
        gate.audit.signal(18)
    until(lambda: status(gate.anna) == 200, 10, 0.1, what="the gate to admit again")


def test_while_it_hangs_nobody_waits_for_the_others_and_who_broke_the_glass_gets_in(gate):
    gate.grant("eig-01:22")
    sealed = gate.person("sealed")
    assert sealed.api("POST", "/v1/break-glass", {"reason": "everything hangs"})[0] == 201
    gate.told(kind="break-glass.begin")
    gate.audit.signal(19)
    try:
        began = time.monotonic()
        asked = [person.connect() for person in [*[gate.anna] * 10, sealed]]
        for connection in asked:
            connection.send("CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n\r\n")
        answers = [int(connection.connection.recv(400).split()[1]) for connection in asked]
        took = time.monotonic() - began
        assert answers == [503] * 10 + [200] and took < 4.5, (answers, took)
        for connection in asked:
            connection.close()
        until(lambda: not gate.sessions, 2, what="the one to be over")
    finally:
        gate.audit.signal(18)

    # What it was told meanwhile it may write yet; then that nothing came of it, too.
    def ends():
        ended = [event["details"].get("session") for event in gate.events() if event["kind"] in (
            "session.end", "session.refused")]
        return len(ended) == 11 and all(event["details"]["session"] in ended
                                        for event in gate.events(kind="session.begin"))
    until(ends, 5, 0.1, what="the end of everything that began")
