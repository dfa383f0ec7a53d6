# SPDX-License-Identifier: Apache-2.0
"""Whoever comes back with a TLS session is decided about as if it had come for the first time."""

import datetime
import time

import pytest

from support import network
from support.client import Returner

from test_a_revoked_certificate_loses_its_live_connections import (
    change_address, disable, remove, revoke_key, revoke_serial)


def handshakes(edge):
    """How many ended so far: (full, resumed)."""
    lines = edge.control.request("GET", "/v1/metrics")[1].decode().splitlines()
    return tuple(int(line.split()[1]) for word in ("no", "yes")
                 for line in lines if line.startswith(f'eig_handshakes_total{{resumed="{word}"}}'))


@pytest.fixture
def partner(edge):
    """PayFast, which has been here and can come back."""
    partner = Returner(edge.payfast)
    assert not partner.call().is_resumed
    assert partner.call().is_resumed
    return partner


def test_a_resumed_connection_is_served_and_counted(edge):
    partner = Returner(edge.payfast)
    first = partner.call()
    assert (first.status, first.is_resumed) == (200, False)
    for _ in range(5):
        answer = partner.call()
        assert (answer.status, answer.is_resumed) == (200, True)
    assert handshakes(edge) == (1, 5)
    # The backend sees the same partner with the same certificate, whichever way it came.
    seen = [request.field("Client-Cert") for request in edge.txn.requests]
    assert len(seen) == 6 and len(set(seen)) == 1 and seen[0]
    assert {request.field("X-EIG-Partner") for request in edge.txn.requests} == {"payfast"}
    assert not [line for line in edge.eigd.log() if line["event"] == "refusal"]


def test_the_openssl_and_curl_programs_can_come_back_too(edge, tmp_path):
    saved = str(tmp_path / "session")
    request = b"GET /eig/any/1 HTTP/1.1\r\nHost: edge.eig.example\r\nConnection: close\r\n" + b"".join(
        f"{name}: {value}\r\n".encode() for name, value in edge.payfast.fields) + b"\r\n"
    first = edge.payfast.s_client("-sess_out", saved, request=request)
    assert "New, TLSv1.3" in first and "200 OK" in first
    assert "Max Early Data: 0" in first
    second = edge.payfast.s_client("-sess_in", saved, request=request)
    assert "Reused, TLSv1.3" in second and "200 OK" in second, second
    assert handshakes(edge) == (1, 1)


@pytest.mark.parametrize("change, reason", [
    (revoke_serial, "certificate_revoked"),
    (revoke_key, "certificate_revoked"),
    (disable, "partner_disabled"),
    (change_address, "address_not_allowed"),
    (remove, None),
], ids=lambda value: getattr(value, "__name__", value))
def test_after_a_change_its_session_is_of_no_use(edge, partner, change, reason):
    """A configuration does not resume what an earlier one began: a full handshake, and the new files decide."""
    before = handshakes(edge)
    change(edge)
    edge.reload()
    edge.txn.requests.clear()
    if reason:
        answer = partner.call()
        assert (answer.status, answer.json["error"]["code"], answer.is_resumed) == (403, reason, False)
        assert not answer.has_ticket
        assert handshakes(edge) == (before[0] + 1, before[1])
        assert not edge.eigd.logged(event="refusal", reason=reason).get("resumed")
    else:
        with pytest.raises(OSError):
            partner.call()
        assert handshakes(edge) == before
    assert edge.txn.requests == []


def test_after_a_change_of_the_pin_its_session_is_of_no_use(edge, partner):
    edge.partners["payfast"]["certificate"][0]["pin"] = edge.mobicash.identity.pin
    edge.reload()
    answer = partner.call()
    assert (answer.status, answer.json["error"]["code"], answer.is_resumed) == (403, "certificate_pin", False)


def test_from_an_address_that_is_not_the_partners_the_same_session_is_refused(edge, partner):
    """The configuration is the same and the session is resumed; only the decision says no."""
    before = handshakes(edge)
    edge.txn.requests.clear()
    kept = partner.session
    partner.caller = edge.payfast.from_namespace(edge.network.payfast, network.PAYFAST_OTHER)
    answer = partner.call()
    assert (answer.status, answer.json["error"]["code"], answer.is_resumed) == (403, "address_not_allowed", True)
    # It got nothing to try again with, and what it came with is used up.
    assert partner.session == kept
    assert handshakes(edge) == (before[0], before[1] + 1)
    refusal = edge.eigd.logged(event="refusal", reason="address_not_allowed")
    assert refusal["resumed"] is True and refusal["partner"] == "payfast"
    assert refusal["serial"].lstrip("0") == edge.payfast.identity.serial
    again = partner.call()
    assert (again.status, again.is_resumed) == (403, False)
    assert edge.txn.requests == []


def test_a_thief_of_the_session_is_refused_from_elsewhere(edge, partner):
    partner.caller = edge.payfast.from_namespace(edge.network.stranger)
    answer = partner.call()
    assert (answer.status, answer.json["error"]["code"], answer.is_resumed) == (403, "address_not_allowed", True)


def test_an_expired_certificate_does_not_live_on_in_its_session(lab):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
    identity = lab.pki.ending(f"payfast-{end:%H%M%S}", "payfast-ca", end, "edge.payfast.example")
    lab.txn, lab.rpt
    lab.start()
    partner = Returner(lab.payfast.with_identity(identity))
    assert partner.call().status == 200
    assert partner.call().is_resumed
    time.sleep(max(0, (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 1)
    with pytest.raises(OSError):
        partner.call()
    refusal = lab.eigd.logged(event="refusal", reason="handshake_failed")
    assert refusal["detail"] == "certificate has expired"


def test_a_partner_that_is_refused_is_given_no_session(edge):
    stranger = Returner(edge.payfast.with_identity(
        edge.pki.leaf("payfast-www", "payfast-ca", "www.payfast.example")))
    for _ in range(2):
        answer = stranger.call()
        assert (answer.status, answer.json["error"]["code"]) == (403, "identity_unknown")
        assert (answer.is_resumed, answer.has_ticket) == (False, False)
