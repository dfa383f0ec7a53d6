# SPDX-License-Identifier: Apache-2.0
"""A new version that refuses the configuration leaves the old one serving; one that crashes leaves nobody refused."""

import threading

from conftest import install
from container.load import Load
from support import network

#: Says no to the configuration, as a stricter version would.
REFUSING = """#!/bin/sh
echo 'eigd.toml:1:1: error: a key that this version no longer knows [E-KEY-UNKNOWN]' >&2
exit 1
"""
#: Likes the configuration and dies of something else.
CRASHING = """#!/bin/sh
case "$*" in *--check*) exit 0 ;; esac
kill -SEGV $$
"""


def broken(packages, folder, script):
    """The next version of eigd, with this instead of the program."""
    def change(tree):
        (tree / "usr/sbin/eigd").write_text(script)
    return {**packages, **{name: packages[name].remade(folder, packages[name].version + "+broken1",
                                                       change if name == "eigd" else None)
                           for name in ["eigd", "eigctl", "jumpd"]}}


def test_a_version_that_refuses_the_configuration_does_not_take_over(edge, packages, folder):
    machine = edge.machine
    process = machine.main_pid("eigd.service")
    with Load(edge) as load:
        said = install(machine, broken(packages, folder, REFUSING))
        load.settle()
    assert load.failures == [], load
    assert machine.main_pid("eigd.service") == process
    # It says what is wrong, that the old one serves, and what to do.
    for part in ["E-KEY-UNKNOWN", "keeps running", "systemctl restart eigd"]:
        assert part in said.out + said.err, said
    install(machine, packages, downgrade=True)
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_a_version_that_crashes_leaves_its_callers_waiting_for_the_next(edge, packages, folder):
    machine = edge.machine
    accepted = [edge.callback("payfast", f"key-{number}", {"transactionReference": f"key-{number}"})
                for number in range(3)]
    assert {answer.status for answer in accepted} == {202}
    said = install(machine, broken(packages, folder, CRASHING), check=False)
    assert "does not start" in said.out + said.err and "journalctl -u eigd" in said.out + said.err, said
    assert machine.is_active("eigd.socket") and machine.is_active("eigd-internal.socket")
    # Nobody is refused: who calls now waits.
    answers = []

    def call():
        with edge.payfast.connect(timeout=60) as connection:
            answers.append(connection.request("GET", "/eig/any/1", None, edge.payfast.fields).status)
    callers = [threading.Thread(target=call, daemon=True) for _ in range(3)]
    for caller in callers:
        caller.start()
    assert not edge.network.answers("stranger", (network.EDGE, 8443))
    install(machine, packages, downgrade=True)
    for caller in callers:
        caller.join(60)
    assert answers == [200] * 3
    edge.delivered(f"key-{number}" for number in range(3))
