# SPDX-License-Identifier: Apache-2.0
"""Signatures checked by a verifier written here from the Standard Webhooks specification, not by our code."""

import base64
import hashlib
import hmac
import time

import pytest

from support.configuration import WEBHOOK_SECRET
from support.server import Answer


def signature(secret, identifier, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def test_the_verifier_agrees_with_the_specification():
    assert signature(WEBHOOK_SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}') \
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.fixture
def signing(lab):
    lab.partners["payfast"]["callbacks"].update({"profile": "standard-webhooks", "secret": "webhooks.whsec"})
    lab.txn, lab.rpt
    return lab.start()


def test_a_standard_webhook_verifies_independently(signing):
    endpoint = signing.payfast_callbacks
    answers = [Answer(503), Answer(200)]
    endpoint.behaviour = lambda request: answers.pop(0)
    body = b'{"transactionId":"TP1", "odd" : 1.0}'
    identifier = signing.callback("payfast", "K-1", body).json["id"]
    requests = endpoint.wait(2)
    for request in requests:
        assert request.body == body
        assert request.field("webhook-id") == identifier
        timestamp = request.field("webhook-timestamp")
        assert abs(time.time() - int(timestamp)) < 60
        expected = signature(WEBHOOK_SECRET, identifier, timestamp, request.body)
        assert expected in request.field("webhook-signature").split(" ")
        assert signature(WEBHOOK_SECRET, identifier, timestamp, request.body + b" ") \
            not in request.field("webhook-signature")
