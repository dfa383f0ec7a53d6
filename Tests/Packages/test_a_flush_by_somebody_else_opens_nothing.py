# SPDX-License-Identifier: Apache-2.0
"""Debian's nftables.service flushes the ruleset when it starts and when it stops; strangers stay outside."""

import pytest
from container.knocking import Knocking


@pytest.mark.parametrize("command", ["systemctl start nftables.service", "systemctl restart nftables.service",
                                     "systemctl start nftables.service && systemctl stop nftables.service",
                                     "nft flush ruleset"])
def test_the_allow_list_stands(edge, command):
    with Knocking(edge) as knocking:
        edge.machine.shell(command, check=False)
        knocking.settle(1)
    assert knocking.intrusions == [] and knocking.refusals == [], knocking
    assert edge.machine.is_active("jumpd-enforce.service"), edge.machine.status("jumpd-enforce.service")
    # The lock-down, which nobody owns, is put back by the enforcer.
    tables = edge.machine.run("nft", "list", "tables").out
    assert "table inet eig\n" in tables and "lockdown" in tables, tables
