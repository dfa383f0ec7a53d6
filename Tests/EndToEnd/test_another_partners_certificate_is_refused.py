# SPDX-License-Identifier: Apache-2.0
"""A certificate belongs to one partner and works from that partner's addresses only."""


def refused(edge, caller, reason):
    answer = caller.call("GET", "/eig/any/1")
    assert (answer.status, answer.json["error"]["code"]) == (403, reason), answer
    assert edge.txn.requests == []
    refusal = edge.eigd.logged(event="refusal", reason=reason)
    return refusal


def test_mobicashs_certificate_is_refused_from_payfasts_address(edge):
    intruder = edge.payfast.with_identity(edge.mobicash.identity)
    refusal = refused(edge, intruder, "address_not_allowed")
    assert refusal["names"] == "edge.mobicash.example"
    assert refusal["peer"].startswith("203.0.113.10")


def test_a_name_issued_by_another_partners_authority_is_refused(edge):
    impostor = edge.pki.leaf("impostor", "mobicash-ca", "edge.payfast.example")
    refusal = refused(edge, edge.payfast.with_identity(impostor), "identity_unknown")
    assert "mobicash-ca" in refusal["issuer"]
    assert refusal["names"] == "edge.payfast.example"
    # Nor does it stand for the partner whose authority made it.
    from_mobicash = edge.mobicash.with_identity(impostor).call("GET", "/eig/any/1")
    assert (from_mobicash.status, from_mobicash.json["error"]["code"]) == (403, "identity_unknown")


def test_a_name_its_own_authority_made_for_nobody_is_refused(edge):
    unknown = edge.pki.leaf("unknown", "payfast-ca", "other.payfast.example")
    refused(edge, edge.payfast.with_identity(unknown), "identity_unknown")


def test_an_authority_of_nobody_fails_the_handshake(edge):
    foreign = edge.pki.leaf("foreign", "foreign-ca", "edge.payfast.example")
    said = edge.payfast.with_identity(foreign).s_client(request=b"GET / HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n")
    assert "unknown ca" in said, said
    assert edge.eigd.logged(event="refusal", reason="handshake_failed")["issuer"]
    assert edge.txn.requests == []
