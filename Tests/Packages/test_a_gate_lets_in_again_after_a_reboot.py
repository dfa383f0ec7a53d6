# SPDX-License-Identifier: Apache-2.0
"""After a reboot administrators get in by the grants they had, and the log says how the sessions before it ended."""

import pytest
from container.administration import SOCKETS, UNITS, VERIFY


@pytest.mark.parametrize("end", ["in order", "by pulling the plug"])
def test_grants_hold_and_the_log_is_whole(gate, end):
    machine = gate.machine
    anna, grant = gate.granted()
    live = gate.live(anna)
    assert live.types("before") == "before"
    if end == "in order":
        machine.power_off()
        # The gate told her: she does not wait for a time-out.
        assert live.ended(10) == 255
    else:
        machine.kill()
    gate.boot()
    assert machine.state == "running", machine.run("systemctl", "--failed").out
    for unit in [*UNITS, *SOCKETS]:
        assert machine.is_active(unit), machine.status(unit)

    again = gate.shell(anna)
    assert (again.code, again.out) == (0, "operator\n"), again
    begun, after = gate.events("session.begin")
    assert [each["details"]["grant"] for each in (begun, after)] == [grant, grant]
    ended = [each for each in gate.events("session.end") if each["details"]["session"] == begun["details"]["session"]]
    assert [(each["details"]["reason"], each["who"], each["object"]) for each in ended] == \
        [("shutdown" if end == "in order" else "gate_lost", "anna", "eig-01:22")]
    assert ended[0]["seq"] < after["seq"]
    # One log, without a gap, over both boots.
    assert len(gate.events("log.start")) == 2
    numbers = [line["seq"] for line in gate.every_event()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert machine.run(*VERIFY).code == 0
    if end != "in order":
        lost = gate.host.logged(identifier="jumpd", event="session_lost")
        assert begun["details"]["session"] in lost["message"], lost
