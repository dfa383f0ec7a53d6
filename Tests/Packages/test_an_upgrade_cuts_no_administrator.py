# SPDX-License-Identifier: Apache-2.0
"""A new version under an administrator's hands: a live session goes on; the gate is replaced when nobody is on it.

One that refuses the files replaces nothing; one that does not start leaves connections waiting in the queue.
"""

import threading

import pytest
from conftest import install
from container.administration import VERIFY
from container.packages import NAMES
from container.wires import ADMINISTRATOR
from lab.access import NAME, PORT
from support import network
from support.programs import meanwhile, until

NEXT = "+next2"
#: Says no to the files of the gate and of the log, as a stricter version would.
REFUSING = """#!/bin/sh
case "$1" in
check) echo "jumpd.toml:1:1: error: a key that this version no longer knows [E-UNKNOWN-KEY]" >&2; exit 1 ;;
*) exec /usr/bin/eigctl.real "$@" ;;
esac
"""

#: Dies of something, in every mode.
CRASHING = "#!/bin/sh\nkill -SEGV $$\n"


@pytest.fixture(scope="module")
def following(packages, workspace):
    """The same programs as the version after."""
    return {name: packages[name].remade(workspace / "after", packages[name].version + NEXT) for name in NAMES}


def program(gate, unit):
    """The process, and whether its program is the one that is installed."""
    pid = gate.machine.main_pid(unit)
    return pid, not str(gate.machine.run("readlink", f"/proc/{pid}/exe")).endswith(" (deleted)")


def test_a_session_goes_on_and_the_new_version_waits_for_its_end(gate, packages, following):
    machine = gate.machine
    anna, _ = gate.granted()
    live = gate.live(anna)
    assert live.types("before") == "before"
    running = program(gate, "jumpd.service")
    log = program(gate, "jumpd-audit.service")
    said = install(machine, following)
    # It says that it waits, for how many, and what to do then.
    for part in [f"version {packages['jumpd'].version} of the gate keeps running for those who are on (1)",
                 "systemctl restart jumpd"]:
        assert part in said.out + said.err, said
    assert live.types("after") == "after"
    assert program(gate, "jumpd.service") == (running[0], False)
    # The log is replaced at once, and the old version of the gate goes on telling it: somebody else gets in.
    assert program(gate, "jumpd-audit.service")[0] not in (0, log[0])
    assert gate.shell(anna).code == 0
    assert len(gate.events("session.begin")) == 2

    machine.systemctl("restart", "jumpd.service", timeout=60)
    assert live.ended() == 255
    pid, is_installed = program(gate, "jumpd.service")
    assert pid != running[0] and is_installed
    assert gate.shell(anna).code == 0
    # Hers ended with the gate, the others by themselves.
    ends = until(lambda: len(found := gate.events("session.end")) == 3 and found, 10, 0.5, what="three ends")
    assert [each["details"]["reason"] for each in ends] == ["closed", "shutdown", "closed"], ends
    assert machine.run(*VERIFY).code == 0
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def test_with_nobody_on_it_is_replaced_and_nobody_is_refused(gate, following):
    anna, _ = gate.granted()
    assert gate.shell(anna).code == 0
    running = program(gate, "jumpd.service")
    refused, stop, count = [], threading.Event(), []

    def knock():
        while not stop.is_set():
            count.append(1)
            if not gate.wires.answers("stranger", (network.EDGE, PORT), ADMINISTRATOR, timeout=5):
                refused.append(len(count))
            stop.wait(0.05)

    with meanwhile(stop, knock):
        said = install(gate.machine, following)
    assert "keeps running" not in said.out + said.err, said
    pid, is_installed = program(gate, "jumpd.service")
    assert pid not in (0, running[0]) and is_installed
    assert refused == [] and len(count) > 10
    assert gate.shell(anna).code == 0
    assert gate.machine.run(*VERIFY).code == 0


def test_a_version_that_refuses_the_files_replaces_neither_gate_nor_log(gate, packages, folder):
    def change(tree):
        (tree / "usr/bin/eigctl").rename(tree / "usr/bin/eigctl.real")
        (tree / "usr/bin/eigctl").write_text(REFUSING)
        (tree / "usr/bin/eigctl").chmod(0o755)
    refusing = {name: packages[name].remade(folder, packages[name].version + "+refusing1",
                                            change if name == "eigctl" else None) for name in NAMES}
    anna, _ = gate.granted()
    before = [program(gate, unit)[0] for unit in ["jumpd.service", "jumpd-audit.service", "jumpd-enforce.service"]]
    said = install(gate.machine, refusing)
    for part in ["E-UNKNOWN-KEY", "keeps running", "systemctl restart jumpd-enforce jumpd-audit jumpd"]:
        assert part in said.out + said.err, said
    assert [program(gate, unit)[0] for unit in ["jumpd.service", "jumpd-audit.service", "jumpd-enforce.service"]] == before
    assert gate.shell(anna).code == 0


def test_a_version_that_does_not_start_leaves_connections_waiting_for_the_next(gate, packages, folder):
    def change(tree):
        (tree / "usr/sbin/jumpd").write_text(CRASHING)
    crashing = {name: packages[name].remade(folder, packages[name].version + "+crashing1",
                                            change if name == "jumpd" else None) for name in NAMES}
    anna, _ = gate.granted()
    said = install(gate.machine, crashing, check=False)
    for part in ["nobody is let in at the gate: journalctl -u jumpd-audit", "administrators wait in its socket's queue"]:
        assert part in said.out + said.err, said
    plain, versions = anna.plain(), []
    plain.settimeout(60)

    def greet():
        with anna.context().wrap_socket(plain, server_hostname=NAME) as served:
            versions.append(served.version())
    waiting = threading.Thread(target=greet, daemon=True)
    waiting.start()
    install(gate.machine, packages, downgrade=True)
    waiting.join(60)
    assert versions == ["TLSv1.3"]
    assert gate.shell(anna).code == 0
    assert gate.machine.run(*VERIFY).code == 0
