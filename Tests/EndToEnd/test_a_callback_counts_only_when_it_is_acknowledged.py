# SPDX-License-Identifier: Apache-2.0
"""Each profile says what an acknowledgement is; everything else is tried again, in order, with the same id."""

import json
import time

import pytest

from support.edge import ACKNOWLEDGED
from support.programs import until
from support.server import DROP, Answer

NOTICE = {"transactionId": "TP1", "status": "SUCCESS"}


def failing_first(answers, good):
    """Answers in turn, then `good` for ever."""
    rest = list(answers)
    return lambda request: rest.pop(0) if rest else good


NOT_ACKNOWLEDGED = {
    "false": Answer(200, b'{"acknowledged":"false"}'),
    "a boolean": Answer(200, b'{"acknowledged":true}'),
    "an empty body": Answer(200),
    "no JSON": Answer(200, b"OK"),
    "503": Answer(503),
    "429": Answer(429, fields=[("Retry-After", "1")]),
    "500 with the right body": Answer(500, b'{"acknowledged":"true"}'),
    "a redirect": Answer(302, b'{"acknowledged":"true"}', [("Location", "https://callbacks.payfast.example:9443/x")]),
    "no answer": DROP,
}


@pytest.mark.parametrize("name", NOT_ACKNOWLEDGED)
def test_a_terrapay_callback_counts_only_when_it_is_acknowledged(edge, name):
    endpoint = edge.payfast_callbacks
    endpoint.behaviour = failing_first([NOT_ACKNOWLEDGED[name]], ACKNOWLEDGED)
    assert edge.callback("payfast", "K-1", NOTICE).status == 202
    first, second = endpoint.wait(2)
    assert first.body == second.body == json.dumps(NOTICE).encode()
    assert first.field("webhook-id") == second.field("webhook-id")
    assert first.target == second.target == "/terrapay", "a redirect was followed"
    until(lambda: edge.status["relay"]["pending"] == 0, what="the relay to be empty")
    assert len(endpoint.requests) == 2
    if name == "429":
        assert second.at - first.at >= 0.9, "Retry-After was not honoured"


def test_nothing_overtakes_within_a_transaction(edge):
    endpoint = edge.payfast_callbacks
    endpoint.behaviour = failing_first([Answer(503)] * 3, ACKNOWLEDGED)
    for number in range(6):
        assert edge.callback("payfast", f"K-{number}", {"transactionId": "TP1", "number": number}).status == 202
    endpoint.wait(9)
    assert [request.json["number"] for request in endpoint.requests] == [0, 0, 0, 0, 1, 2, 3, 4, 5]


def test_an_endpoint_that_is_down_delays_no_other(edge):
    mobicash = edge.mobicash_callbacks
    assert edge.callback("payfast", "K-1", NOTICE).status == 202  # PayFast's endpoint is not up.
    started = time.monotonic()
    for number in range(20):
        assert edge.callback("mobicash", f"M-{number}", {"transactionId": f"TP{number}"}).status == 202
    mobicash.wait(20)
    assert time.monotonic() - started < 10
    edge.payfast_callbacks.wait()


def test_a_plain_callback_takes_any_2xx(edge):
    endpoint = edge.mobicash_callbacks
    endpoint.behaviour = failing_first([Answer(500)], Answer(204))
    assert edge.callback("mobicash", "K-1", NOTICE).status == 202
    assert [request.method for request in endpoint.wait(2)] == ["POST", "POST"]
    until(lambda: edge.status["relay"]["pending"] == 0, what="the relay to be empty")
    assert len(endpoint.requests) == 2


def test_gsma_puts_and_wants_204(lab):
    lab.partners["payfast"]["callbacks"]["profile"] = "gsma"
    lab.txn, lab.rpt
    endpoint = lab.payfast_callbacks
    endpoint.behaviour = failing_first([Answer(200)], Answer(204))
    lab.start()
    assert lab.callback("payfast", "K-1", {"transactionReference": "TP1"},
                        [("X-CorrelationID", "0b7e7a54-1a1f-4f7e-9c5d-2b1f0a9f6c11")]).status == 202
    first, second = endpoint.wait(2)
    assert (first.method, second.method) == ("PUT", "PUT")
    until(lambda: lab.status["relay"]["pending"] == 0, what="the relay to be empty")


def test_a_server_with_another_authoritys_certificate_gets_no_callback(edge):
    from support import network
    from support.server import Server
    identity = edge.pki.leaf("fake-callbacks", "mobicash-ca", "callbacks.payfast.example", usage="serverAuth")
    impostor = Server(edge.network.payfast, network.PAYFAST, 9443, identity, edge.pki.authority("eig-ca"))
    try:
        edge.callback("payfast", "K-1", NOTICE)
        until(lambda: impostor.handshake_failures, what="a refused handshake")
        assert impostor.requests == []
    finally:
        impostor.close()
    assert edge.payfast_callbacks.wait()[0].json == NOTICE


def test_an_endpoint_that_drips_its_answer_is_given_up_in_time(edge):
    endpoint = edge.payfast_callbacks
    endpoint.behaviour = failing_first([Answer(200, b"x", after=8)], ACKNOWLEDGED)
    edge.callback("payfast", "K-1", NOTICE)
    first, second = endpoint.wait(2)
    assert second.at - first.at < 7, "the attempt outlived its timeout"


@pytest.mark.parametrize("profile, fields, status, body", [
    ("plain", [("Idempotency-Key", "M-1")], 202, None),
    ("terrapay", [], 200, b'{"acknowledged":"true"}'),
    ("gsma", [("X-CorrelationID", "c-1")], 204, b""),
])
def test_each_profile_acknowledges_in_its_own_words(lab, profile, fields, status, body):
    lab.partners["mobicash"]["inbound"] = {"profile": profile}
    lab.txn, lab.rpt
    lab.start()
    sent = b'{ "transactionId":"TP1",\n "odd": 1.0 }'
    answer = lab.mobicash.call("POST", "/eig/callbacks/payouts", sent, [("Content-Type", "application/json"), *fields])
    assert answer.status == status, answer
    assert body is None or answer.body == body
    for backend in [lab.txn, lab.rpt]:
        [request] = backend.wait()
        assert request.body == sent, "the body was changed on the way"
        assert request.field("Content-Type") == "application/json"
