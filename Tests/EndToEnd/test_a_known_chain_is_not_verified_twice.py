# SPDX-License-Identifier: Apache-2.0
"""A chain that was verified is recognised, within its dates and until the configuration changes."""

import datetime
import time


def chains(edge):
    """How often a chain was verified, and how often it was known."""
    status, page = edge.control.request("GET", "/v1/metrics")
    assert status == 200
    lines = dict(line.rsplit(" ", 1) for line in page.decode().splitlines() if line.startswith("eig_client_chains"))
    return tuple(int(lines[f'eig_client_chains_total{{known="{known}"}}']) for known in ("no", "yes"))


def test_once_per_configuration(edge):
    for _ in range(3):
        assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert chains(edge) == (1, 2)
    assert edge.mobicash.call("GET", "/eig/any/1").status == 200
    assert chains(edge) == (2, 2)
    edge.reload()
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    assert chains(edge) == (1, 0)


def test_no_longer_when_it_has_expired(edge):
    ends = int(time.time()) + 4
    end = datetime.datetime.fromtimestamp(ends, datetime.timezone.utc)
    brief = edge.pki.ending("known-and-brief", "payfast-ca", end, "edge.payfast.example")
    caller = edge.payfast.with_identity(brief)
    for _ in range(2):
        assert caller.call("GET", "/eig/any/1").status == 200
    assert chains(edge) == (1, 1)
    time.sleep(max(0, ends + 1 - time.time()))
    said = caller.s_client(request=b"GET / HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n")
    assert "certificate expired" in said or "certificate_expired" in said, said
    assert chains(edge) == (1, 1)
    edge.eigd.logged(event="refusal", reason="handshake_failed")


def test_it_says_nothing_about_revocation(edge):
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    edge.partners["payfast"]["revoked"] = [edge.payfast.identity.serial]
    edge.reload()
    for known in range(2):
        answer = edge.payfast.call("GET", "/eig/any/1")
        assert (answer.status, answer.json["error"]["code"]) == (403, "certificate_revoked"), answer
        assert chains(edge) == (1, known)
