# SPDX-License-Identifier: Apache-2.0
"""The whole of one transfer, each step seen at the receiving end, with curl as the send partner."""

import json

from support.server import Answer

CREATE = {
    "amount": "100.00", "currency": "KES", "type": "inttransfer", "descriptionText": "family support",
    "requestingOrganisationTransactionReference": "PF-0001",
    "debitParty": [{"key": "msisdn", "value": "+919900112233"}],
    "creditParty": [{"key": "msisdn", "value": "+254700111222"}],
}


def test_a_transfer_crosses_the_edge_with_both_callbacks(edge):
    edge.txn.behaviour = lambda request: Answer(
        200, {**CREATE, "transactionStatus": "3050:Remit Acknowledged.", "transactionReference": "TP1"})
    payfast, mobicash, rpt = edge.payfast_callbacks, edge.mobicash_api, edge.rpt
    mobicash.behaviour = lambda request: Answer(202, {"status": "pending"})

    # 1. PayFast → eigd → TXN.
    created = edge.payfast.curl("-H", "Content-Type: application/json", "-d", json.dumps(CREATE))
    assert (created.code, created.status) == (0, 200), created
    assert json.loads(created.body)["transactionReference"] == "TP1"
    [request] = edge.txn.wait()
    assert request.json == CREATE
    assert request.field("X-EIG-Partner") == "payfast"

    # 2. TXN → eigd → MobiCash, with our certificate for it.
    answer = edge.outward("mobicash", "POST", "/v1/payouts", b'{"reference":"TP1"}')
    assert (answer.status, answer.json) == (202, {"status": "pending"})
    [request] = mobicash.wait()
    assert (request.method, request.target, request.body) == ("POST", "/v1/payouts", b'{"reference":"TP1"}')
    subject = dict(pair[0] for pair in request.connection.getpeercert()["subject"])
    assert subject["commonName"] == "mobicash-out.eig.example"

    # 3. MobiCash → eigd → TXN and RPT.
    outcome = json.dumps({"transactionId": "TP1", "status": "SUCCESS"}).encode()
    acknowledged = edge.mobicash.call("POST", "/eig/callbacks/payouts", outcome,
                                      [("Content-Type", "application/json"), ("Idempotency-Key", "MC-1")])
    assert acknowledged.status == 202, acknowledged
    for backend in [edge.txn, rpt]:
        [request] = backend.wait(where=lambda request: request.target.startswith("/callbacks"))
        assert request.body == outcome

    # 4. TXN → eigd → PayFast, a copy to RPT.
    notice = {"transactionId": "TP1", "partnerTransId": "PF-0001", "responseCode": "3000",
              "responseMsg": "Remit Success", "status": "SUCCESS"}
    accepted = edge.callback("payfast", "TP1-final", notice)
    assert accepted.status == 202, accepted
    [request] = payfast.wait()
    assert (request.method, request.target, request.json) == ("POST", "/terrapay", notice)
    rpt.wait(where=lambda request: request.body == json.dumps(notice).encode())

    # 5. PayFast asks.
    edge.txn.behaviour = lambda request: Answer(200, {"status": "SUCCESS"})
    asked = edge.payfast.curl(path="/eig/gsma/transactions/PF-0001")
    assert (asked.status, json.loads(asked.body)) == (200, {"status": "SUCCESS"})
