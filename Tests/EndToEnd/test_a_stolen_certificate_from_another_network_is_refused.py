# SPDX-License-Identifier: Apache-2.0
"""PayFast's own certificate and password, used from addresses that are not PayFast's."""

from support import network


def refused(edge, thief):
    answer = thief.call("POST", "/eig/gsma/transactions", b"{}")
    assert (answer.status, answer.json["error"]["code"]) == (403, "address_not_allowed"), answer
    refusal = edge.eigd.logged(event="refusal", reason="address_not_allowed")
    assert refusal["partner"] == "payfast"
    assert refusal["serial"].lstrip("0") == thief.identity.serial
    assert edge.txn.requests == []


def test_a_stolen_certificate_from_another_network_is_refused(edge):
    refused(edge, edge.payfast.from_namespace(edge.network.stranger))


def test_from_another_partners_network_too(edge):
    refused(edge, edge.payfast.from_namespace(edge.network.mobicash))


def test_from_the_next_address_too(edge):
    refused(edge, edge.payfast.from_namespace(edge.network.payfast, network.PAYFAST_OTHER))
