# SPDX-License-Identifier: Apache-2.0
"""Revoking, disabling and removing reach what is already open, within a second."""

import pytest

from support.network import PAYFAST6
from support.programs import until


def revoke_serial(edge):
    edge.partners["payfast"]["revoked"] = [edge.payfast.identity.serial]


def revoke_key(edge):
    edge.partners["payfast"]["revoked"] = [edge.payfast.identity.pin]


def disable(edge):
    edge.partners["payfast"]["enabled"] = False


def change_address(edge):
    edge.partners["payfast"]["allow"] = [{"from": [PAYFAST6], "reason": "moved"}]


def remove(edge):
    edge.partners["payfast"] = None


@pytest.mark.parametrize("change, reason", [
    (revoke_serial, "certificate_revoked"),
    (revoke_key, "certificate_revoked"),
    (disable, "partner_disabled"),
    (change_address, "address_not_allowed"),
    (remove, None),
], ids=lambda value: getattr(value, "__name__", value))
def test_a_revoked_certificate_loses_its_live_connections(edge, change, reason):
    with edge.payfast.connect() as idle, edge.mobicash.connect() as other:
        assert idle.request("GET", "/eig/any/1", fields=edge.payfast.fields).status == 200
        assert other.request("GET", "/eig/any/1").status == 200
        change(edge)
        edge.reload()
        assert idle.is_closed(timeout=1)
        # Nobody else notices.
        assert other.request("GET", "/eig/any/2").status == 200
    edge.txn.requests.clear()
    if reason:
        answer = edge.payfast.call("GET", "/eig/any/3")
        assert (answer.status, answer.json["error"]["code"]) == (403, reason), answer
    else:
        with pytest.raises(OSError):
            edge.payfast.call("GET", "/eig/any/3")
    assert edge.txn.requests == []


def test_a_serial_number_counts_in_any_spelling(lab):
    """Half of all serial numbers begin with a digit that another program drops or pads."""
    identity = lab.pki.leaf("leading-zero", "payfast-ca", "edge.payfast.example", serial="0x0c0ffee0")
    assert identity.serial == "c0ffee0"
    lab.txn, lab.rpt
    lab.start()
    caller = lab.payfast.with_identity(identity)
    assert caller.call("GET", "/eig/any/1").status == 200
    for spelling in ["c0ffee0", "0c0ffee0", "0C:0F:FE:E0"]:
        lab.partners["payfast"]["revoked"] = [spelling]
        lab.reload()
        until(lambda: caller.call("GET", "/eig/any/1").status == 403, timeout=1, what=f"{spelling} to be refused")
        lab.partners["payfast"]["revoked"] = []
        lab.reload()
        until(lambda: caller.call("GET", "/eig/any/1").status == 200, timeout=1, what="it to be let in again")
