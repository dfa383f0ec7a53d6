# SPDX-License-Identifier: Apache-2.0
"""A new version, and the old one again, under load: no request fails, no acknowledged callback is lost."""

import pytest
from conftest import install
from container.knocking import Knocking
from container.load import Load
from container.packages import NAMES

NEXT = "+next1"


@pytest.fixture(scope="session")
def following(packages, workspace):
    """The same programs as the version after."""
    return {name: packages[name].remade(workspace / "next", packages[name].version + NEXT) for name in NAMES}


@pytest.mark.parametrize("direction", ["up", "down"])
def test_nobody_notices(edge, packages, following, direction):
    machine = edge.machine
    edge.payfast_callbacks  # noqa: B018 - it listens from here on
    if direction == "down":
        install(machine, following)
    wanted = following if direction == "up" else packages
    before = facts(machine)
    with Load(edge, new=2, kept=2, callbacks=2) as load, Knocking(edge) as knocking:
        said = install(machine, wanted, downgrade=direction == "down")
        load.settle(100)
        knocking.settle()
    assert load.failures == [], f"{load}\n{said}"
    assert knocking.intrusions == [] and knocking.refusals == [], knocking
    edge.delivered(load.accepted)
    for name in NAMES:
        assert str(machine.run("dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", name)) == \
            f"{wanted[name].version} installed"
    after = facts(machine)
    # Both programs are the new ones, the sockets in front of them the old ones, and nothing of the
    # administrator's was touched.
    for unit in ["eigd.service", "jumpd-enforce.service"]:
        assert after[unit] not in (0, before[unit]), unit
    for unit in ["eigd.socket", "eigd-internal.socket"]:
        assert after[unit] == before[unit], unit
    assert after["files"] == before["files"]
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def facts(machine):
    return {
        **{unit: machine.main_pid(unit) for unit in ["eigd.service", "jumpd-enforce.service"]},
        **{unit: machine.property(unit, "ActiveEnterTimestampMonotonic")
           for unit in ["eigd.socket", "eigd-internal.socket"]},
        "files": machine.shell("find /etc/eig /etc/systemd/system -exec stat -c '%n %a %U:%G' {} + -type f "
                               "-exec sha256sum {} + | sort").out,
    }
