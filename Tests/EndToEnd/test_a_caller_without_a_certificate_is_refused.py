# SPDX-License-Identifier: Apache-2.0
"""No client certificate, no session: by openssl, by curl, in both TLS versions."""

import ssl

import pytest


def test_a_caller_without_a_certificate_is_refused(edge):
    bare = edge.payfast.with_identity(None)
    said = bare.s_client(request=b"GET /eig/gsma/transactions/1 HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n")
    assert "certificate required" in said, said
    result = bare.curl(path="/eig/gsma/transactions/1")
    assert result.code != 0 and result.status == 0, result
    refusal = edge.eigd.logged(event="refusal", reason="handshake_failed")
    assert refusal["peer"].startswith("203.0.113.10")
    assert "certificate" in refusal["detail"]
    assert edge.txn.requests == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_in_either_version(edge, version):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        with edge.payfast.with_identity(None).connect(version=version) as connection:
            connection.request("GET", "/eig/gsma/transactions/1")
    assert edge.txn.requests == []


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(edge, version):
    # Security level 0 lets the client offer what it would otherwise not.
    said = edge.payfast.s_client(version, "-cipher", "DEFAULT@SECLEVEL=0")
    assert "Cipher is (NONE)" in said or "alert protocol version" in said, said
