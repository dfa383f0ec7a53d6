# SPDX-License-Identifier: Apache-2.0
"""What a partner can come back with: once, soon, under the same name, to the same program with the same files."""

import ssl
import time

import pytest

from support.client import Returner


@pytest.fixture
def partner(edge):
    """PayFast, which has been here and can come back."""
    partner = Returner(edge.payfast)
    assert not partner.call().is_resumed
    return partner


def test_a_ticket_is_good_once(partner):
    ticket = partner.session
    assert partner.call(session=ticket).is_resumed
    answer = partner.call(session=ticket)
    assert (answer.status, answer.is_resumed) == (200, False)


def test_not_after_a_reload(edge, partner):
    edge.gateway["timeouts"]["idle"] = "59s"
    edge.reload()
    answer = partner.call()
    assert (answer.status, answer.is_resumed) == (200, False)
    assert partner.call().is_resumed


def test_not_after_a_restart(edge, partner):
    edge.eigd.kill()
    edge.start_eigd()
    answer = partner.call()
    assert (answer.status, answer.is_resumed) == (200, False)
    assert partner.call().is_resumed


def test_not_under_another_of_our_names(lab):
    lab.gateway["server"]["names"] = ["edge.eig.example", "other.eig.example"]
    lab.txn, lab.rpt
    lab.start()
    partner = Returner(lab.payfast)
    assert not partner.call().is_resumed
    answer = partner.call(host="other.eig.example")
    assert (answer.status, answer.is_resumed) == (200, False)
    assert partner.call(host="other.eig.example").is_resumed


def test_not_in_tls_1_2(edge):
    partner = Returner(edge.payfast, version=ssl.TLSVersion.TLSv1_2)
    for _ in range(3):
        answer = partner.call()
        assert (answer.status, answer.is_resumed) == (200, False)


def test_not_beyond_its_lifetime_however_often_it_is_resumed(lab):
    lab.gateway["tls"] = {"session-lifetime": "3s"}
    lab.txn, lab.rpt
    lab.start()
    partner = Returner(lab.payfast)
    began = time.monotonic()
    assert not partner.call().is_resumed
    known = time.monotonic()
    resumed = 0
    while True:
        asked = time.monotonic()
        answer = partner.call()
        assert answer.status == 200
        if not answer.is_resumed:
            break
        resumed += 1
        assert asked - known < 3
        time.sleep(0.1)
    assert resumed > 3
    assert time.monotonic() - began > 1


def test_not_when_it_is_turned_off(lab):
    lab.gateway["tls"] = {"sessions-max": 0}
    lab.txn, lab.rpt
    lab.start()
    partner = Returner(lab.payfast)
    for _ in range(2):
        answer = partner.call()
        assert (answer.status, answer.is_resumed, answer.has_ticket) == (200, False, False)


def test_only_as_many_are_remembered_as_the_file_says(lab):
    lab.gateway["tls"] = {"sessions-max": 5}
    lab.txn, lab.rpt
    lab.start()
    partners = [Returner(lab.payfast) for _ in range(8)]
    for partner in partners:
        assert partner.call().status == 200
    metrics = lab.control.request("GET", "/v1/metrics")[1].decode().splitlines()
    assert "eig_sessions 5" in metrics
    assert "eig_sessions_forgotten_total 3" in metrics
    # The oldest were forgotten; to come back is then to shake hands in full.
    assert [partner.call().is_resumed for partner in partners[3:]] == [True] * 5
    assert not partners[0].call().is_resumed


def test_a_partner_that_never_comes_back_does_not_push_out_another(lab):
    lab.gateway["tls"] = {"sessions-max": 20}
    lab.txn, lab.rpt
    lab.start()
    quiet = [Returner(lab.mobicash) for _ in range(5)]
    for partner in quiet:
        assert partner.call().status == 200
    for _ in range(60):
        assert Returner(lab.payfast).call().status == 200
    assert all(partner.call().is_resumed for partner in quiet)
