# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments while callbacks come and go; a ledger outside decides.

Every id that was acknowledged arrives at least once, in order per transaction; nothing arrives that was never sent.
"""

import functools
import random
import threading
import time

from support.programs import meanwhile
from support.server import Answer

ROUNDS = 6
TRANSACTIONS = 10


def test_kill_nine_during_callbacks_loses_none_that_was_acknowledged(edge):
    endpoint = edge.payfast_callbacks
    chance = random.Random(7)
    refused = Answer(503)
    acknowledged = Answer(200, b'{"acknowledged":"true"}', [("Content-Type", "application/json")])
    endpoint.behaviour = lambda request: refused if chance.random() < 0.15 else acknowledged
    ledger = {}
    sent = set()
    stop = threading.Event()

    def submit(transaction):
        """One transaction's callbacks: the next is sent once this one is acknowledged, as TXN does."""
        number = 0
        while not stop.is_set():
            key = f"{transaction}-{number}"
            body = {"transactionId": transaction, "status": "PENDING", "number": number}
            sent.add((transaction, number))
            try:
                answer = edge.callback("payfast", key, body)
            except (OSError, EOFError, ValueError, http_error()):
                time.sleep(0.02)
                continue
            if answer.status == 202:
                ledger[(transaction, number)] = answer.json["id"]
                number += 1
            else:
                time.sleep(0.02)

    with meanwhile(stop, *[functools.partial(submit, f"TP{index}") for index in range(TRANSACTIONS)]):
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.2, 0.7))
            edge.eigd.kill()
            edge.start_eigd()
        time.sleep(0.5)
    assert len(ledger) > 100, f"only {len(ledger)} were accepted"
    edge_is_empty(edge)

    arrived = {}
    for request in endpoint.requests:
        identity = (request.json["transactionId"], request.json["number"])
        assert identity in sent, f"{identity} was never sent"
        arrived.setdefault(identity, []).append(request)
    lost = [identity for identity in ledger if identity not in arrived]
    assert not lost, f"{len(lost)} of {len(ledger)} acknowledged callbacks never arrived: {lost[:5]}"
    for identity, identifier in ledger.items():
        seen = {request.field("webhook-id") for request in arrived[identity]}
        assert seen == {identifier}, f"{identity} was acknowledged as {identifier} and arrived as {seen}"
    for transaction in {transaction for transaction, _ in ledger}:
        order = []
        for request in endpoint.requests:
            if request.json["transactionId"] == transaction and request.json["number"] not in order:
                order.append(request.json["number"])
        assert order == sorted(order), f"{transaction} arrived as {order}"
    copies = {(request.json["transactionId"], request.json["number"])
              for request in edge.rpt.requests if request.target.startswith("/callbacks")}
    assert set(ledger) <= copies, "a copy for RPT is missing"


def http_error():
    import http.client
    return http.client.HTTPException


def edge_is_empty(edge):
    from support.programs import until
    until(lambda: edge.status["relay"]["pending"] == 0, timeout=60, every=0.1, what="every callback to be delivered")


def test_a_callback_accepted_before_a_kill_arrives_after_it(edge):
    edge.callback("payfast", "K-1", {"transactionId": "TP1"})  # Nobody listens yet.
    edge.eigd.kill()
    endpoint = edge.payfast_callbacks
    edge.start_eigd()
    assert endpoint.wait()[0].json == {"transactionId": "TP1"}
    assert edge.mobicash.call("POST", "/eig/callbacks/payouts", b"{}", [("Idempotency-Key", "M-1")]).status == 202
