# SPDX-License-Identifier: Apache-2.0
"""A partner's gateway dies without a word and starts anew, knowing nothing: the tunnel is back by itself, and how soon."""

import time

import pytest
from lab.facts import fact
from lab.transfer import begin
from support.programs import until

#: What our side needs to notice (dpddelay, retransmit-timeout), and some.
PATIENCE = 90


def is_back(edge, since):
    until(edge.answers, PATIENCE, 0.1, what=f"a request: {edge.pluto.said()}")
    return time.monotonic() - since


def reboot(edge):
    """The daemon killed, and its kernel's keys and policies gone with the machine."""
    gateway = edge.gateway("payfast")
    gateway.kill()
    gateway.forget()


def test_a_gateway_that_has_something_to_say(edge):
    transfers = begin(edge)
    reboot(edge)
    edge.gateway("payfast")
    seconds = is_back(edge, time.monotonic())
    transfers.run()
    edge.network.wire.assert_no_clear_text()
    fact(f"partner rebooted and called us: tunnel back in {seconds:.1f} s")


@pytest.mark.parametrize("seconds", [0, 20], ids=["at once", "after a while"])
def test_a_gateway_that_waits_for_us(edge, seconds):
    """Our callback goes into keys that nobody has any more until we notice."""
    transfers = begin(edge)
    reboot(edge)
    time.sleep(seconds)
    edge.gateway("payfast")
    began = time.monotonic()
    count = len(edge.payfast_callbacks.requests)
    edge.callback("payfast", f"after-{seconds}", {"status": "SUCCESS"})
    edge.payfast_callbacks.wait(count + 1, PATIENCE)
    took = time.monotonic() - began
    transfers.run()
    edge.network.wire.assert_no_clear_text()
    fact(f"partner rebooted, {seconds} s without it: our callback through in {took:.1f} s")
