# SPDX-License-Identifier: Apache-2.0
"""Gateway and allow-list may be on hosts of their own: `eigctl status` expects nothing of a package that is not there."""

import json

import pytest
from conftest import install
from container.administration import DROP_IN, Gate
from support.programs import until
from support.surroundings import HOSTS

#: Package, its service, what status calls the other program.
HALVES = [("eigd", "eigd.service", "jumpd enforce"), ("jumpd", "jumpd-enforce.service", "eigd")]


def status(machine):
    """The exit status, the first line, the text and the document."""
    text = machine.run("eigctl", "status", check=False)
    document = json.loads(machine.run("eigctl", "status", "--json", check=False).out)
    return text.code, text.out.splitlines()[0], text.out, document


@pytest.mark.parametrize("package, service, other", HALVES)
def test_the_other_program_is_said_not_to_be_there(blank, packages, package, service, other):
    machine = blank.machine
    install(machine, packages, [package, "eigctl"])
    blank.txn, blank.rpt  # noqa: B018 - they listen from here on
    machine.write("/etc/hosts", HOSTS)
    blank.write()
    machine.run("eigctl", "setup", "--yes")
    machine.systemctl("restart", service)
    until(lambda: status(machine)[0] != 1, 20, 0.2, what=f"a host that works: {status(machine)[2]}")
    code, first, text, document = status(machine)
    # All that may be said is that the certificates of these tests end within thirty days.
    assert all(reason["state"] == "attention" and " certificate" in reason["text"]
               for reason in document["verdict"]["reasons"]), first
    assert code == (2 if document["verdict"]["reasons"] else 0)
    assert document["ok"] and document["absent"] == [other], document["absent"]
    assert text.count(f"\n{other}: not on this host (its package is not installed)\n") == 1, text

    # What is installed has to run.
    machine.systemctl("stop", f"{package}*", "--all")
    code, first, text, document = status(machine)
    assert code == 1 and first.startswith("FAILING: ") and service in first, text
    assert document["absent"] == [other]


def test_a_gate_needs_no_gateway(blank, packages):
    machine = blank.machine
    install(machine, packages, ["jumpd", "eigctl"])
    machine.write("/etc/hosts", HOSTS)
    gate = Gate(blank, machine.folder)
    try:
        gate.set_up(has_gateway=False)
        assert machine.exists(DROP_IN) and not machine.exists("/etc/eig/eigd.toml")
        anna, _ = gate.granted()
        assert gate.shell(anna).code == 0
        assert "eigd: not on this host" in status(machine)[2]
    finally:
        gate.close()


def test_a_program_that_was_removed_is_not_there_and_one_that_was_stopped_is_missed(edge):
    machine = edge.machine
    machine.systemctl("stop", "jumpd-enforce.service", "jumpd-enforce.socket")
    code, first, _, document = status(machine)
    assert code == 1 and "jumpd-enforce.service is inactive" in first and document["absent"] == [], first
    machine.run("apt-get", "remove", "-q", "-y", "jumpd", timeout=60)
    code, first, text, document = status(machine)
    assert code != 1 and document["absent"] == ["jumpd enforce"], text
