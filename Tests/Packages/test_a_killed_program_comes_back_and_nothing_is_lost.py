# SPDX-License-Identifier: Apache-2.0
"""SIGKILL to each unit: systemd starts it again; the kernel's rules stand meanwhile, and accepted callbacks arrive."""

import json

from container.knocking import Knocking
from container.load import Load
from support import network
from support.programs import until

#: How often each is killed.
TIMES = 3


def kill(host, unit):
    """Kills the main process and waits for the next one to be ready."""
    before = host.machine.main_pid(unit)
    host.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", unit)
    until(lambda: host.machine.main_pid(unit) not in (0, before) and host.machine.is_active(unit), 30, 0.05,
          what=f"{unit} to be back: {host.machine.status(unit)}")


def test_eigd_delivers_every_callback_it_acknowledged(edge):
    edge.payfast_callbacks  # noqa: B018 - it listens from here on
    with Load(edge, new=0, kept=0, callbacks=2) as load:
        for _ in range(TIMES):
            kill(edge, "eigd.service")
            load.settle()
    # What was under way when it was killed has no answer; a backend sends it again. Nothing is refused.
    assert all("RemoteDisconnected" in failure or "Reset" in failure for failure in load.failures), load
    assert len(load.failures) <= 2 * TIMES, load
    edge.delivered(load.accepted)


def test_eigd_refuses_no_new_connection(edge):
    with Load(edge, new=2, kept=0) as load:
        for _ in range(TIMES):
            kill(edge, "eigd.service")
            load.settle()
    # Only the connections it had taken already went with it.
    assert all("RemoteDisconnected" in failure or "Reset" in failure or "EOF" in failure
               for failure in load.failures), load
    assert len(load.failures) <= 2 * TIMES, load


def test_the_enforcers_table_outlives_it(edge):
    handle = table(edge)
    with Knocking(edge) as knocking:
        for _ in range(TIMES):
            kill(edge, "jumpd-enforce.service")
            knocking.settle()
    assert knocking.intrusions == [] and knocking.refusals == [], knocking
    # The same table, not one like it.
    assert table(edge) == handle


def test_its_table_is_nobody_elses_while_it_is_dead(edge):
    edge.machine.write("/etc/systemd/system/jumpd-enforce.service.d/slow.conf", "[Service]\nRestartSec=3s\n")
    edge.machine.systemctl("daemon-reload")
    handle = table(edge)
    edge.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", "jumpd-enforce.service")
    until(lambda: edge.machine.main_pid("jumpd-enforce.service") == 0, 10, what="the enforcer to be dead")
    with Knocking(edge) as knocking:
        is_owned(edge)
        edge.machine.run("nft", "flush", "ruleset")
        assert edge.machine.main_pid("jumpd-enforce.service") == 0, "it came back too early to tell"
        knocking.settle()
    assert knocking.intrusions == [] and knocking.refusals == [], knocking
    edge.machine.wait_active("jumpd-enforce.service")
    assert table(edge) == handle
    is_owned(edge)


def test_it_owns_its_table_after_a_restart(edge):
    handle = table(edge)
    edge.machine.systemctl("restart", "jumpd-enforce.service")
    assert table(edge) == handle
    is_owned(edge)
    # And is its master: what is allowed from now on gets in.
    assert not edge.network.answers("mobicash", (network.EDGE, 5432))
    edge.partners["mobicash"] = None
    edge.write()
    edge.machine.run("eigctl", "apply")
    assert not edge.network.answers("mobicash", (network.EDGE, 8443))
    assert edge.network.answers("payfast", (network.EDGE, 8443))


def table(host):
    """The owned table's handle, which the kernel never gives to another one."""
    listed = json.loads(host.machine.run("nft", "--json", "list", "tables").out)["nftables"]
    return next(item["table"]["handle"] for item in listed if item.get("table", {}).get("name") == "eig")


def is_owned(host):
    """A socket in this machine owns the table: nobody else may touch it."""
    foreign = host.machine.run("nft", "delete", "table", "inet", "eig", check=False)
    assert foreign.code != 0 and "not permitted" in foreign.err, foreign
