# SPDX-License-Identifier: Apache-2.0
"""Fields that say who somebody is are ours: every inbound copy goes, in every spelling, and ours are added."""

import base64

import pytest

FORGED = ["X-EIG-Partner", "x-eig-partner", "X-Eig-Request-Id", "X-EIG-Anything", "Client-Cert", "Client-Cert-Chain",
          "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything", "X-Real-IP",
          "X-Client-Cert", "X-SSL-Client-Cert"]


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_identity_field_never_reaches_a_backend(edge, name):
    answer = edge.payfast.call("GET", "/eig/any/1", fields=[(name, "forged-value")])
    assert answer.status == 200, answer
    [request] = edge.txn.wait()
    assert "forged-value" not in str(request.fields), request.fields
    assert request.all("X-EIG-Partner") == ["payfast"]


def test_ours_say_who_it_was(edge):
    edge.payfast.call("GET", "/eig/any/1")
    [request] = edge.txn.wait()
    assert request.field("X-EIG-Partner") == "payfast"
    assert request.field("X-EIG-Request-Id")
    # RFC 9440: the leaf's DER as a byte sequence.
    assert request.field("Client-Cert") == f":{base64.b64encode(edge.payfast.identity.der).decode()}:"
    assert request.field("Forwarded") == "for=203.0.113.10;proto=https"
    assert request.field("Host") == "10.20.0.10:8080"
    access = edge.eigd.logged(event="access", partner="payfast")
    assert access["request"] == request.field("X-EIG-Request-Id")


def test_a_name_nominated_by_connection_goes_and_ours_cannot_be_nominated_away(edge):
    with edge.payfast.connect() as connection:
        answer = connection.request("GET", "/eig/any/1", fields=[
            *edge.payfast.fields, ("Connection", "X-Trick, X-EIG-Partner"), ("X-Trick", "forged-value")])
    if answer.status == 200:
        [request] = edge.txn.wait()
        assert request.field("X-Trick") is None
        assert request.field("X-EIG-Partner") == "payfast"
    else:
        assert answer.status == 400 and edge.txn.requests == []


@pytest.mark.parametrize("name", ["X_EIG_Partner", "X_Forwarded_For", "Client_Cert"])
def test_an_underscore_for_a_hyphen_is_refused(edge, name):
    assert edge.payfast.call("GET", "/eig/any/1", fields=[(name, "forged-value")]).status == 400
    assert edge.txn.requests == []


def test_hop_by_hop_fields_end_here(edge):
    edge.payfast.call("GET", "/eig/any/1", fields=[("Keep-Alive", "timeout=5"), ("Proxy-Connection", "close"),
                                                   ("TE", "trailers"), ("X-Kept", "yes")])
    [request] = edge.txn.wait()
    for name in ["Keep-Alive", "Proxy-Connection", "TE"]:
        assert request.field(name) is None, name
    assert request.field("X-Kept") == "yes"


@pytest.mark.parametrize("given, trace", [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
    ("rubbish", None),
    (None, None),
])
def test_a_trace_goes_on_or_begins(edge, given, trace):
    edge.payfast.call("GET", "/eig/any/1", fields=[("traceparent", given)] if given else [])
    [request] = edge.txn.wait()
    version, identifier, span, flags = request.field("traceparent").split("-")
    assert (version, len(identifier), len(span), len(flags)) == ("00", 32, 16, 2)
    assert span != "00f067aa0ba902b7" and int(span, 16) and int(identifier, 16)
    assert identifier == trace if trace else identifier != "0" * 32
