# SPDX-License-Identifier: Apache-2.0
"""With 100 ms of delay and one packet in twenty lost each way, a transfer takes longer and nothing else."""

import time

from lab.facts import fact
from lab.transfer import begin
from support.programs import until

TRANSFERS = 5


def test_a_transfer_survives_loss_and_delay(edge):
    transfers = begin(edge)
    for partner in ["payfast", "mobicash"]:
        edge.network.wire.impair(partner, "delay", "100ms", "loss", "5%")
    took = []
    try:
        for _ in range(TRANSFERS):
            began = time.monotonic()
            transfers.run()
            took.append(time.monotonic() - began)
    finally:
        for partner in ["payfast", "mobicash"]:
            edge.network.wire.unimpair(partner)
    edge.network.wire.assert_no_clear_text()
    fact(f"{TRANSFERS} transfers at 5 % loss and 100 ms of delay each way: "
         f"{min(took):.1f} to {max(took):.1f} s, 0 packets in clear text")


def test_a_tunnel_comes_up_on_a_bad_line(edge):
    edge.network.wire.impair("payfast", "delay", "100ms", "loss", "5%")
    try:
        edge.begin("payfast")
        edge.txn  # noqa: B018 - it listens from here on
        began = time.monotonic()
        until(edge.answers, 60, 0.1, what="a request")
        fact(f"the first request through a new tunnel on that line: {time.monotonic() - began:.1f} s")
    finally:
        edge.network.wire.unimpair("payfast")
    edge.network.wire.assert_no_clear_text()
