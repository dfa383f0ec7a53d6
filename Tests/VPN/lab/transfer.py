# SPDX-License-Identifier: Apache-2.0
"""One transfer from end to end: both partners call and are called, each step seen where it arrives."""

import json

from support.programs import until
from support.server import Answer

#: Over a bad line a step takes as long as TCP needs.
_PATIENCE = 60


class Transfers:
    """`run` makes one; everybody who takes part listens from the start."""

    def __init__(self, edge):
        self.edge = edge
        self.txn, self.rpt = edge.txn, edge.rpt
        self.payfast, self.mobicash = edge.payfast_callbacks, edge.mobicash_api
        self.txn.behaviour = lambda request: Answer(200, {"transactionReference": "TP"})
        self.mobicash.behaviour = lambda request: Answer(202, {"status": "pending"})
        self.count = 0

    def run(self):
        self.count += 1
        reference = f"T{self.count}"
        # 1. PayFast → eigd → TXN.
        created = self.edge.payfast.call("POST", "/eig/gsma/transactions", self._json(reference=reference),
                                         [("Content-Type", "application/json")])
        assert created.status == 200, created
        # 2. TXN → eigd → MobiCash.
        paid = self.edge.outward("mobicash", "POST", "/v1/payouts", self._json(payout=reference))
        assert paid.status == 202, paid
        # 3. MobiCash → eigd → TXN and RPT.
        outcome = self._json(status="SUCCESS", payout=reference)
        told = self.edge.mobicash.call("POST", "/eig/callbacks/payouts", outcome,
                                       [("Content-Type", "application/json"), ("Idempotency-Key", f"M-{reference}")])
        assert told.status == 202, told
        # 4. TXN → eigd → PayFast, a copy to RPT.
        notice = {"status": "SUCCESS", "reference": reference}
        accepted = self.edge.callback("payfast", f"final-{reference}", notice)
        assert accepted.status == 202, accepted
        for server, body in [(self.txn, self._json(reference=reference)), (self.mobicash, self._json(payout=reference)),
                             (self.txn, outcome), (self.rpt, outcome), (self.payfast, self._json(**notice)),
                             (self.rpt, self._json(**notice))]:
            server.wait(timeout=_PATIENCE, where=lambda request, body=body: request.body == body)

    @staticmethod
    def _json(**fields):
        return json.dumps(fields).encode()


def begin(edge):
    """Everything of ours and both partners' gateways, and the first transfer: from here on both tunnels stand."""
    transfers = Transfers(edge)
    edge.begin("payfast", "mobicash")
    until(lambda: len(edge.pluto.carries()) == 2, 30, 0.2, what=f"two tunnels: {edge.pluto.said()}")
    transfers.run()
    edge.network.wire.assert_no_clear_text()
    return transfers
