# SPDX-License-Identifier: Apache-2.0
"""A gate that dies takes its connections with it; the log says at its next start that they ended, and how."""

from lab.administrator import EIGCTL
from support.programs import until


def test_connections_end_and_the_next_start_says_so(gate):
    gate.grant("eig-01:22")
    shell = gate.anna.start("ssh", "-F", gate.anna.ssh_config(EIGCTL), "eig-01", "echo ready; sleep 60")
    assert shell.stdout.readline() == b"ready\n"
    begun = gate.told(kind="session.begin")
    gate.gate.kill()
    assert shell.wait(5) == 255
    gate.start_gate()
    assert gate.sessions == []
    ended = gate.told(kind="session.end", outcome="failure")
    assert (ended["who"], ended["object"]) == ("anna", "eig-01:22"), ended
    assert ended["details"]["reason"] == "gate_lost", ended
    assert ended["details"]["session"] == begun["details"]["session"], (begun, ended)
    # Its grant is still good.
    assert gate.anna.ssh("true").code == 0
    assert gate.eigctl("audit", "verify").returncode == 0


def test_a_log_that_was_killed_goes_on_where_it_was(gate):
    gate.grant("eig-01:22")
    last = gate.events()[-1]["seq"]
    gate.audit.kill()
    gate.start_audit()
    assert until(lambda: gate.events()[-1]["seq"] > last, 5, 0.1, what="its next line")
    numbers = [event["seq"] for event in gate.events()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert gate.eigctl("audit", "verify").returncode == 0


def test_an_orderly_end_writes_each_end(gate):
    gate.grant("eig-01:22")
    for _ in range(3):
        gate.anna.start("ssh", "-F", gate.anna.ssh_config(), "eig-01", "sleep 60")
    until(lambda: len(gate.sessions) == 3, 5, what="three sessions")
    gate.gate.terminate()
    assert gate.gate.exited(30) == 0
    assert len(gate.events(kind="session.end")) == 3
