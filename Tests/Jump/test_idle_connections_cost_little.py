# SPDX-License-Identifier: Apache-2.0
"""Thousands of administrators who do nothing cost little memory, and none when they are gone."""

import contextlib
import resource
import socket
import threading

import pytest
from support import network
from support.programs import until

#: Both ends of each are this process's, so that nothing else is measured.
COUNT = 5000
KIB = 40


def resident(pid):
    """The process's own memory in KiB, without what it shares with files."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["RssAnon"].split()[0])


@pytest.fixture
def sink(wires):
    """A target that takes every connection, says one byte and then nothing."""
    with wires.backends.entered():
        listener = socket.create_server((network.RPT, 8443), backlog=4096)
    kept = []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.send(b"!")
                kept.append(connection)
    threading.Thread(target=accept, daemon=True).start()
    yield kept
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for each in kept:
        each.close()


@pytest.mark.timeout(300)
def test_each_takes_less_than_forty_kibibytes(lab, sink):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = COUNT * 4 + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(need, hard)), hard))
    lab.configuration.host["gate"]["sessions-per-person"] = COUNT + 100
    lab.configuration.one("target", "rpt-01")["ports"] = [443, 8443]
    lab.configuration.one("role", "network")["targets"].append("rpt-01:8443")
    gate = lab.start()
    gate.grant("rpt-01:8443")
    context = gate.anna.context()

    def one():
        connection = gate.anna.tunnel("rpt-01:8443", context=context)
        assert connection.connection.recv(1) == b"!"
        return connection
    opened = [one() for _ in range(50)]
    before = resident(gate.gate.pid)
    try:
        for _ in range(COUNT):
            opened.append(one())
        assert len(gate.sessions) == COUNT + 50
        each = (resident(gate.gate.pid) - before) / COUNT
        print(f"{each:.1f} KiB for each of {COUNT} idle connections")
        assert each < KIB, f"{each:.1f} KiB"
        # And all of them still work.
        assert gate.status["sessions"]["live"] == COUNT + 50
    finally:
        # Both ends of each: a target that does not end its half is waited for.
        for connection in [*opened, *sink]:
            connection.close()
    until(lambda: not gate.sessions, 30, 0.1, what="all to be over")
