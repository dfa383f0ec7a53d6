# SPDX-License-Identifier: Apache-2.0
"""Partners come with the keys, versions, groups and ciphers they have: each of those of the policy gets in."""

import pytest

KEYS = {
    "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "RSA 2048": ["-newkey", "rsa:2048"],
    "RSA 3072": ["-newkey", "rsa:3072"],
    "RSA 4096": ["-newkey", "rsa:4096"],
    "RSA-PSS 2048": ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"],
    "Ed25519": ["-newkey", "ed25519"],
}
REQUEST = b"GET /eig/any/1 HTTP/1.1\r\nHost: edge.eig.example\r\nConnection: close\r\n%s\r\n"


@pytest.fixture(scope="module")
def edge(module_lab):
    module_lab.txn, module_lab.rpt
    return module_lab.start()


def said(edge, caller, *arguments):
    fields = b"".join(f"{name}: {value}\r\n".encode() for name, value in edge.payfast.fields)
    answer = caller.s_client(*arguments, request=REQUEST % fields)
    assert "HTTP/1.1 200" in answer, answer
    return answer


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_clients_key(edge, key, version):
    identity = edge.pki.leaf(f"payfast-{key.replace(' ', '-')}", "payfast-ca", "edge.payfast.example", key=KEYS[key])
    caller = edge.payfast.with_identity(identity)
    assert caller.call("GET", "/eig/any/1").status == 200
    result = caller.curl("--tlsv" + version, "--tls-max", version, path="/eig/any/1")
    assert (result.code, result.status) == (0, 200), result
    said(edge, caller, "-tls" + version.replace(".", "_"))


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_a_key_exchange(edge, group):
    answer = said(edge, edge.payfast, "-groups", group, "-tls1_3")
    assert {"X25519": "X25519", "P-256": "prime256v1", "P-384": "secp384r1"}[group] in answer, answer


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
def test_a_suite_of_tls_1_3(edge, suite):
    assert f"Cipher is {suite}" in said(edge, edge.payfast, "-tls1_3", "-ciphersuites", suite)


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"])
def test_a_cipher_of_tls_1_2(edge, cipher):
    name = f"ECDHE-ECDSA-{cipher}"
    assert f"Cipher is {name}" in said(edge, edge.payfast, "-tls1_2", "-cipher", name)


def test_the_same_with_the_providers_that_openssl_cnf_names(edge):
    file = edge.folder / "openssl.cnf"
    file.write_text("openssl_conf = all\n[all]\nproviders = list\n"
                    "[list]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n")
    edge.eigd.terminate()
    edge.eigd.exited()
    edge.start_eigd(environment={"OPENSSL_CONF": str(file)})
    edge.eigd.logged(event="tls_library")
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
