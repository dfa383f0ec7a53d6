# SPDX-License-Identifier: Apache-2.0
"""What verification and the partner file ask of a certificate, one flaw at a time."""

import pytest


def denied(edge, identity, reason):
    answer = edge.payfast.with_identity(identity).call("GET", "/eig/any/1")
    assert (answer.status, answer.json["error"]["code"]) == (403, reason), answer
    assert edge.txn.requests == []
    edge.eigd.logged(event="refusal", reason=reason)


def test_an_expired_certificate_is_refused(edge):
    expired = edge.pki.expired("expired", "payfast-ca", "edge.payfast.example")
    said = edge.payfast.with_identity(expired).s_client(request=b"GET / HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n")
    assert "certificate expired" in said or "certificate_expired" in said, said
    assert edge.txn.requests == []


def test_a_server_certificate_is_refused(edge):
    denied(edge, edge.pki.leaf("server-only", "payfast-ca", "edge.payfast.example", usage="serverAuth"),
           "certificate_purpose")


def test_a_server_certificate_passes_where_the_file_says_any_and_for_that_partner_only(lab):
    lab.partners["payfast"]["certificate"][0]["eku"] = "any"
    lab.txn, lab.rpt
    lab.start()
    payfast = lab.pki.leaf("server-only", "payfast-ca", "edge.payfast.example", usage="serverAuth")
    mobicash = lab.pki.leaf("server-only-2", "mobicash-ca", "edge.mobicash.example", usage="serverAuth")
    assert lab.payfast.with_identity(payfast).call("GET", "/eig/any/1").status == 200
    answer = lab.mobicash.with_identity(mobicash).call("GET", "/eig/any/1")
    assert (answer.status, answer.json["error"]["code"]) == (403, "certificate_purpose")


@pytest.mark.parametrize("key", [["-newkey", "rsa:1024"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp192k1"]],
                         ids=["RSA 1024", "192 bit curve"])
def test_a_weak_key_is_refused(edge, key):
    weak = edge.pki.leaf(f"weak-{key[1][:2]}", "payfast-ca", "edge.payfast.example", key=key)
    caller = edge.payfast.with_identity(weak)
    # The client program must not be the one that refuses.
    said = caller.s_client("-cipher", "DEFAULT@SECLEVEL=0",
                           request=b"GET /eig/any/1 HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n")
    assert "HTTP/1.1 200" not in said, said
    assert edge.txn.requests == []
    edge.eigd.logged(event="refusal")


def test_a_pin_is_asked_for_in_addition_to_the_name(lab):
    good = lab.pki.leaf("payfast", "payfast-ca", "edge.payfast.example")
    other = lab.pki.leaf("payfast-rotated", "payfast-ca", "edge.payfast.example")
    renamed = lab.pki.leaf("payfast-renamed", "payfast-ca", "renamed.payfast.example",
                           key=["-key", str(good.key)])
    lab.partners["payfast"]["certificate"][0]["pin"] = good.pin
    lab.txn, lab.rpt
    lab.start()
    denied(lab, other, "certificate_pin")
    denied(lab, renamed, "identity_unknown")
    assert lab.payfast.call("GET", "/eig/any/1").status == 200


def test_old_and_new_overlap_during_a_rotation(lab):
    old = lab.pki.leaf("payfast", "payfast-ca", "edge.payfast.example")
    new = lab.pki.leaf("payfast-rotated", "payfast-ca", "edge.payfast.example")
    rule = lab.partners["payfast"]["certificate"][0]
    lab.partners["payfast"]["certificate"] = [{**rule, "pin": old.pin}, {**rule, "pin": new.pin}]
    lab.txn, lab.rpt
    lab.start()
    for identity in [old, new]:
        assert lab.payfast.with_identity(identity).call("GET", "/eig/any/1").status == 200
