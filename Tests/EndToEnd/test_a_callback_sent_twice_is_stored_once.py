# SPDX-License-Identifier: Apache-2.0
"""The same key and body is the same callback; the same key with another body is a conflict."""

import threading

from support.programs import until


def settled(edge):
    until(lambda: edge.status["relay"]["pending"] == 0, what="the relay to be empty")


def test_a_sender_callback_sent_twice_is_stored_once(edge):
    endpoint = edge.payfast_callbacks
    first = edge.callback("payfast", "K-1", {"transactionId": "TP1", "status": "SUCCESS"})
    again = edge.callback("payfast", "K-1", {"transactionId": "TP1", "status": "SUCCESS"})
    assert (first.status, again.status) == (202, 202)
    assert first.json["id"] == again.json["id"]
    other = edge.callback("payfast", "K-1", {"transactionId": "TP1", "status": "FAILED"})
    assert other.status == 409, other
    settled(edge)
    assert [request.json["status"] for request in endpoint.requests] == ["SUCCESS"]


def test_a_receiver_callback_sent_twice_is_stored_once(edge):
    for body, status in [(b'{"a":1}', 202), (b'{"a":1}', 202), (b'{"a":2}', 409)]:
        answer = edge.mobicash.call("POST", "/eig/callbacks/payouts", body, [("Idempotency-Key", "M-1")])
        assert answer.status == status, answer
    settled(edge)
    for backend in [edge.txn, edge.rpt]:
        assert [request.body for request in backend.requests] == [b'{"a":1}']


def test_sixty_four_at_once_are_stored_once(edge):
    endpoint = edge.payfast_callbacks
    identifiers = []
    threads = [threading.Thread(target=lambda: identifiers.append(
        edge.callback("payfast", "K-1", {"transactionId": "TP1"}).json["id"])) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settled(edge)
    assert len(identifiers) == 64 and len(set(identifiers)) == 1
    assert len(endpoint.requests) == 1


def test_two_partners_may_be_told_under_one_key(edge):
    payfast, mobicash = edge.payfast_callbacks, edge.mobicash_callbacks
    first = edge.callback("payfast", "K-1", {"transactionId": "TP1"})
    second = edge.callback("mobicash", "K-1", {"transactionId": "TP1"})
    assert (first.status, second.status) == (202, 202)
    assert first.json["id"] != second.json["id"]
    payfast.wait()
    mobicash.wait()


def test_a_callback_without_a_key_is_refused(edge):
    with edge.inside() as connection:
        answer = connection.request("POST", "/v1/callbacks/payfast", b"{}", host="edge.inside")
    assert answer.status == 400, answer
    assert edge.status["relay"]["accepted_total"] == 0
