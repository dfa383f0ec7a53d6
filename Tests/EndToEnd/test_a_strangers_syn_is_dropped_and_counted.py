# SPDX-License-Identifier: Apache-2.0
"""The kernel drops what is not allow-listed; eigd never sees it, and the drop is counted."""

import pytest

from support import network


def drops(edge):
    return sum(drop["packets_total"] for drop in edge.enforcer.json("GET", "/v1/status")["drops"])


def test_a_strangers_syn_is_dropped_and_counted(lab):
    lab.txn, lab.rpt
    lab.start(enforce=True)
    assert lab.payfast.call("POST", "/eig/gsma/transactions", b"{}").status == 200
    before = drops(lab)
    accepted = lab.status["listeners"]
    with pytest.raises(TimeoutError):
        lab.network.stranger.connect((network.EDGE, 8443), timeout=1.5)
    assert drops(lab) > before
    total = sum(listener["accepted_total"] for listener in accepted if listener["kind"] == "partners")
    now = sum(item["accepted_total"] for item in lab.status["listeners"] if item["kind"] == "partners")
    assert now == total, "eigd saw the stranger"


def test_an_allowed_partner_reaches_nothing_but_the_partner_port(lab):
    lab.start(enforce=True)
    for port in [22, 8081, 9999]:
        with pytest.raises(TimeoutError):
            lab.network.payfast.connect((network.EDGE, port), network.PAYFAST, timeout=0.7)


def test_an_address_next_to_an_allowed_one_is_dropped(lab):
    lab.start(enforce=True)
    lab.payfast.connect().close()
    with pytest.raises(TimeoutError):
        lab.network.payfast.connect((network.EDGE, 8443), network.PAYFAST_OTHER, timeout=1)
