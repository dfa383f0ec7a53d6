# SPDX-License-Identifier: Apache-2.0
"""Libreswan and the enforcer are started, stopped, killed and reloaded in every order, and xfrm is flushed meanwhile.

All the time our side has something to say to the partner's network, and somebody in the street speaks in its name.
"""

import signal

import pytest
from lab import network as places
from lab.facts import fact
from lab.orders import every_order
from lab.traffic import Temptation
from support import network as addresses
from support.programs import until

#: Each event after each other, and after itself: nine times nine orders, in one walk.
LENGTH = 2


class Events:
    """What happens to one edge; an event that cannot happen, such as stopping what is stopped, does nothing."""

    def __init__(self, edge):
        self.edge = edge
        self.all = [self.pluto_starts, self.pluto_stops, self.pluto_is_killed, self.tunnel_restarts,
                    self.xfrm_is_flushed, self.enforcer_starts, self.enforcer_stops, self.enforcer_is_killed,
                    self.files_are_read_anew]

    def pluto_starts(self):
        if not self.edge.pluto.is_running:
            self.edge.pluto.start()

    def pluto_stops(self):
        self.edge.pluto.stop()

    def pluto_is_killed(self):
        """Its policies and keys stay in the kernel until somebody takes them out."""
        self.edge.pluto.kill()

    def tunnel_restarts(self):
        """Its connection is replaced, and Libreswan takes its trap away meanwhile."""
        self.edge.tunnels.ask("/v1/tunnels/payfast/t1/restart")

    def xfrm_is_flushed(self):
        self.edge.pluto.forget()

    def enforcer_starts(self):
        if not self.edge.jumpd.is_running:
            self.edge.enforce()

    def enforcer_stops(self):
        if self.edge.jumpd.is_running:
            self.edge.stop_enforcing()

    def enforcer_is_killed(self):
        if self.edge.jumpd.is_running:
            self.edge.kill_enforcer()

    def files_are_read_anew(self):
        for program in [self.edge.jumpd, self.edge.tunnels]:
            if program.is_running:
                program.signal(signal.SIGHUP)


def leaks(wire):
    """What came from the edge in clear text; what the one in the street sends is there, too, and is no fault."""
    return [each for each in wire.clear() if each[0] == addresses.EDGE or each[0] == places.EDGE_END]


def walk(edge):
    wire = edge.network.wire
    events = Events(edge)
    order = every_order(events.all, LENGTH)
    done = []
    with Temptation(edge.network) as temptation:
        for event in order:
            event()
            done.append(event.__name__)
            temptation.goes_on()
            assert not leaks(wire), f"after {', then '.join(done[-6:])}: {leaks(wire)}"
        out, tried, intruded = temptation.out, temptation.tried, temptation.intruded
    assert intruded == 0
    stray = next(each for each in wire.clear() if each[:2] == (places.PAYFAST, addresses.EDGE))
    # Else nobody was tempted.
    assert stray[3] >= tried / 2 and out > 3 * len(order)
    orders = len(events.all) ** LENGTH
    fact(f"0 of our packets in clear text in {orders} orders of {LENGTH} of {len(events.all)} events "
         f"({out} connections tried, {tried} in clear text from the street)")


def prepare(edge):
    edge.payfast_callbacks  # noqa: B018 - it listens from here on
    edge.txn  # noqa: B018
    edge.begin("payfast")
    until(edge.answers, 60, 0.1, what="a request through the tunnel")


@pytest.mark.short
def test_no_order_lets_clear_text_out(edge):
    prepare(edge)
    walk(edge)
    # It was the tunnel that carried what was carried, and it still does.
    edge.pluto.stop()
    Events(edge).enforcer_starts()
    edge.pluto.start()
    assert until(edge.answers, 120, 0.1, what="a request afterwards")
