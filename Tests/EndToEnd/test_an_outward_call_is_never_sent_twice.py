# SPDX-License-Identifier: Apache-2.0
"""TXN calls a partner through us: with our certificate, only where its file says, once."""

import pytest

from support.network import OUTSIDER, RPT
from support.server import DROP, Answer


def codes(answer):
    return answer.status, answer.json["error"]["code"]


@pytest.mark.parametrize("pooled", [False, True], ids=["new connection", "pooled connection"])
def test_an_outward_call_is_never_sent_twice(edge, pooled):
    api = edge.mobicash_api
    if pooled:
        assert edge.outward("mobicash", "GET", "/v1/first").status == 200
        api.requests.clear()
    api.behaviour = lambda request: DROP
    answer = edge.outward("mobicash", "POST", "/v1/payouts", b'{"pay":1}')
    assert codes(answer) == (502, "outcome_unknown"), answer
    api.behaviour = lambda request: Answer(200)
    assert edge.outward("mobicash", "GET", "/v1/payouts/1").status == 200
    assert [request.target for request in api.requests] == ["/v1/payouts", "/v1/payouts/1"]


def test_it_carries_the_callers_bytes_and_none_of_our_identity_fields(edge):
    body = b'{ "odd" :\t1.0e2 }'
    edge.mobicash_api
    edge.outward("mobicash", "POST", "/v1/payouts?dry=run&x=%20", body,
                 [("Content-Type", "application/json"), ("X-DATE", "2026-01-01 00:00:00"), ("X-EIG-Partner", "forged")])
    [request] = edge.mobicash_api.wait()
    assert (request.method, request.target, request.body) == ("POST", "/v1/payouts?dry=run&x=%20", body)
    assert request.field("Host") == "api.mobicash.example:8443"
    assert request.field("X-DATE") == "2026-01-01 00:00:00"
    assert not [name for name, _ in request.fields if name.lower().startswith(("x-eig-", "client-cert", "forwarded"))]


def test_a_redirect_is_an_answer_and_not_an_order(edge):
    edge.mobicash_api.behaviour = lambda request: Answer(302, fields=[("Location", "https://10.20.0.10:8080/")])
    assert edge.outward("mobicash", "POST", "/v1/payouts", b"{}").status == 302
    assert len(edge.mobicash_api.requests) == 1 and edge.txn.requests == []


def test_a_partner_that_does_not_answer_is_504(edge):
    edge.mobicash_api.behaviour = lambda request: Answer(200, after=6)
    assert codes(edge.outward("mobicash", "POST", "/v1/payouts", b"{}")) == (504, "outcome_unknown")
    assert len(edge.mobicash_api.requests) == 1


def test_a_partner_that_is_not_there_is_502(edge):
    assert codes(edge.outward("mobicash", "POST", "/v1/payouts", b"{}")) == (502, "partner_unreachable")


def test_a_server_with_another_authoritys_certificate_gets_nothing(edge):
    from support.server import Server
    from support import network
    identity = edge.pki.leaf("fake-api", "payfast-ca", "api.mobicash.example", usage="serverAuth")
    server = Server(edge.network.mobicash, network.MOBICASH, 8443, identity, edge.pki.authority("eig-ca"))
    try:
        assert codes(edge.outward("mobicash", "POST", "/v1/payouts", b"{}")) == (502, "partner_unreachable")
        assert server.requests == []
    finally:
        server.close()


def test_a_name_that_resolves_outside_the_list_is_not_called(lab):
    lab.txn, lab.rpt
    api = lab.mobicash_api
    lab.partners["mobicash"]["outward"]["to"] = ["198.51.100.41"]
    lab.start()
    assert codes(lab.outward("mobicash", "POST", "/v1/payouts", b"{}")) == (502, "resolve_refused")
    assert api.requests == []


@pytest.mark.parametrize("path, status, code", [
    ("/v1/partners/payfast/x", 404, "not_configured"),
    ("/v1/partners/nobody/x", 404, "partner_unknown"),
    ("/v1/partners/", 404, "route_unknown"),
    ("/eig/gsma/transactions", 404, "route_unknown"),
])
def test_what_is_not_there_is_404(edge, path, status, code):
    with edge.inside() as connection:
        assert codes(connection.request("GET", path, host="edge.inside")) == (status, code)


def test_only_the_backends_may_ask(edge):
    api = edge.mobicash_api
    with edge.inside(source=RPT) as connection:
        assert connection.request("GET", "/v1/health", host="edge.inside").status == 200
    with edge.inside(source=OUTSIDER) as connection:
        with pytest.raises(OSError):
            connection.request("GET", "/v1/partners/mobicash/x", host="edge.inside")
    edge.eigd.logged(event="refusal", reason="inside_only")
    assert api.requests == []
