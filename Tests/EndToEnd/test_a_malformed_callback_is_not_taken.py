# SPDX-License-Identifier: Apache-2.0
"""A callback that its profile cannot read is refused at once, in the profile's words, and nothing is stored."""

import pytest

BIG = b'{"transactionId":"' + b"x" * 300_000 + b'"}'


@pytest.mark.parametrize("profile, body, fields, status", [
    ("terrapay", b"not json", [], 400),
    ("terrapay", b'["a list"]', [], 400),
    ("gsma", b"", [], 400),
    ("plain", b"{}", [("Idempotency-Key", "k" * 300)], 400),
    ("plain", BIG, [("Idempotency-Key", "K-1")], 413),
    ("standard-webhooks", b"{}", [], 400),
], ids=["no JSON", "a list", "nothing", "a long key", "a large body", "no id"])
def test_a_malformed_callback_is_not_taken(lab, profile, body, fields, status):
    lab.partners["mobicash"]["inbound"] = {"profile": profile}
    lab.txn, lab.rpt
    lab.start()
    answer = lab.mobicash.call("POST", "/eig/callbacks/payouts", body, fields)
    assert answer.status == status, answer
    assert lab.status["relay"]["accepted_total"] == 0
    assert lab.txn.requests == [] and lab.rpt.requests == []


def test_a_chunked_callback_is_taken_whole(edge):
    from support.client import chunked
    parts = [b'{"transactionId":', b'"TP1"', b"}"]
    with edge.mobicash.connect() as connection:
        connection.send(chunked("POST", "/eig/callbacks/payouts", parts, [("Idempotency-Key", "K-1")]))
        assert connection.response("POST").status == 202
    assert edge.txn.wait()[0].body == b"".join(parts)


def test_a_sender_callback_to_nobody_is_refused(lab):
    lab.partners["mobicash"]["callbacks"] = None
    lab.txn, lab.rpt
    lab.start()
    for partner, status in [("nobody", 404), ("mobicash", 404)]:
        answer = lab.callback(partner, "K-1", {"transactionId": "TP1"})
        assert answer.status == status, answer
    assert lab.status["relay"]["accepted_total"] == 0
