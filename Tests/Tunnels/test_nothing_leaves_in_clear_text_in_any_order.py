# SPDX-License-Identifier: Apache-2.0
"""pluto and the enforcer start, stop, crash and reload in every order; no packet of a tunnel's networks is readable.

The traps of pluto hold packets back while it runs; the kernel's tables do at every other moment.
"""

import itertools

import pytest

from lab import written
from lab.configured import partner, tunnel

COUNT = 2


class Host:
    """The programs of one host, by the names of what happens to them."""

    def __init__(self, edge, pair):
        self.edge, self.pair = edge, pair
        self.pluto = pair.edge.pluto
        edge.configured.partners["acme"] = partner("acme", tunnel(), address="172.16.5.1", callbacks="172.16.5.1")
        edge.configured.write()
        self.pluto.configure("a.conf", written.ours())
        self.pluto.configure("a.secrets", written.secret())

    def happen(self, event):
        {"pluto starts": self.pluto.start,
         "pluto stops": self.pluto.stop,
         "pluto crashes": self._crash,
         "pluto takes it on again": self._replace,
         "the enforcer starts": self.edge.start_enforcer,
         "the enforcer stops": self.edge.stop_enforcer,
         "the enforcer crashes": self.edge.kill_enforcer,
         "the enforcer reloads": self._reload,
         }[event]()

    def _crash(self):
        self.pluto.kill()
        self.pluto.flush()

    def _replace(self):
        """The moment between a connection's replacement and its trap."""
        self.pluto.add("acme")

    def _reload(self):
        self.edge.configured.write()
        self.edge.managers["enforce"].forget()
        self.edge.enforcer.signal(1)
        self.edge.managers["enforce"].told("READY=1")


def ways():
    """Both begin in either order; then each is told something, and ends, in either order and in every way."""
    starts = ["pluto starts", "the enforcer starts"]
    middles = ["pluto takes it on again", "the enforcer reloads"]
    ends = itertools.product(["pluto stops", "pluto crashes"], ["the enforcer stops", "the enforcer crashes"])
    for end in ends:
        for orders in itertools.product(*(itertools.permutations(each) for each in (starts, middles, end))):
            yield [event for order in orders for event in order]


@pytest.mark.parametrize("way", list(ways()), ids=lambda way: ", ".join(way))
def test_no_packet_is_readable(edge, pair, way):
    host = Host(edge, pair)
    edge.lock_down()
    with pair.witness() as witness:
        for number, event in enumerate(["the host is up", *way, *way[:2]]):
            if number:
                host.happen(event)
            pair.send(COUNT)
            entered = pair.knock(COUNT)
            readable = witness.clear_text()
            assert readable == [], f"after {event} ({number}): {[packet.hex() for packet in readable]}"
            assert entered == 0, f"after {event} ({number}): {entered} packets came in in clear text"
