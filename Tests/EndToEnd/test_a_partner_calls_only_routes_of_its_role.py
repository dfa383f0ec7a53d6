# SPDX-License-Identifier: Apache-2.0
"""Routes name a role; a partner without it is refused before anything goes anywhere."""

import pytest


def test_a_receive_partner_may_not_call_a_send_only_route(edge):
    answer = edge.mobicash.call("POST", "/eig/gsma/transactions", b"{}")
    assert (answer.status, answer.json["error"]["code"]) == (403, "role_not_allowed"), answer
    assert edge.txn.requests == []
    assert edge.eigd.logged(event="refusal", reason="role_not_allowed")["partner"] == "mobicash"


@pytest.mark.parametrize("method, path, status, reason", [
    ("POST", "/eig/callbacks/payouts", 403, "role_not_allowed"),
    ("DELETE", "/eig/gsma/transactions", 405, "method_not_allowed"),
    ("POST", "/eig/gsma/transactionsX", 404, "route_unknown"),
    ("POST", "/", 404, "route_unknown"),
    ("GET", "/v1/status", 404, "route_unknown"),
    ("POST", "/v1/callbacks/payfast", 404, "route_unknown"),
    ("GET", "/v1/partners/mobicash/x", 404, "route_unknown"),
])
def test_a_send_partner_gets_its_routes_and_nothing_else(edge, method, path, status, reason):
    answer = edge.payfast.call(method, path, b"{}" if method == "POST" else None)
    assert (answer.status, answer.json["error"]["code"]) == (status, reason), answer
    assert edge.txn.requests == [] and edge.rpt.requests == []


def test_a_role_for_all_is_for_all(edge):
    assert edge.mobicash.call("GET", "/eig/any/x").status == 200
    assert edge.payfast.call("GET", "/eig/any/x").status == 200
