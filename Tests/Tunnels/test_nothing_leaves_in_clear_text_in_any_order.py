# SPDX-License-Identifier: Apache-2.0
"""pluto, the enforcer and the tunnels program start, stop, crash and reload in every order; no packet is readable.

The traps of pluto hold packets back while it runs; the kernel's tables do at every other moment. There are 288 orders;
`EIG_THOROUGH=1` tries each of them, otherwise it is every twelfth.
"""

import itertools
import os

import pytest

from lab.configured import partner, tunnel

#: Of each kind of packet, in each direction, after each event.
COUNT = 2
PROGRAMS = ["pluto", "the enforcer", "the tunnels program"]


class Host:
    """The programs of one host, by what happens to them."""

    def __init__(self, edge, pair):
        self.edge = edge
        self.pluto = pair.edge.pluto
        edge.configured.partners["acme"] = partner("acme", tunnel(), address="172.16.5.1", callbacks="172.16.5.1")
        edge.configured.write()
        self.verbs = {
            "pluto starts": self.pluto.start,
            "pluto stops": self.pluto.stop,
            "pluto crashes": self._crash,
            "the enforcer starts": edge.start_enforcer,
            "the enforcer stops": edge.stop_enforcer,
            "the enforcer crashes": edge.kill_enforcer,
            "the enforcer reloads": self._reload,
            "the tunnels program starts": edge.start_tunnels,
            "the tunnels program stops": edge.stop_tunnels,
            "the tunnels program crashes": edge.tunnels.kill,
            "the tunnel changes": self._change,
        }

    def happen(self, event):
        self.verbs[event]()

    def _crash(self):
        """The unit flushes the kernel's policies after a crash, too."""
        self.pluto.kill()
        self.pluto.flush()

    def _reload(self):
        manager = self.edge.managers["enforce"]
        manager.forget()
        self.edge.enforcer.signal(1)
        manager.told("READY=1")

    def _change(self):
        """It is replaced, and has no trap for a moment."""
        self.edge.configured.partners["acme"]["tunnel"][0]["esp-lifetime"] = "30m"
        self.edge.apply()


def orders():
    """They begin in any order, are told something, end in any order and way, and begin again."""
    for starts, ends, ways in itertools.product(itertools.permutations(PROGRAMS), itertools.permutations(PROGRAMS),
                                                itertools.product(["stops", "crashes"], repeat=len(PROGRAMS))):
        yield [*(f"{program} starts" for program in starts), "the tunnel changes", "the enforcer reloads",
               *(f"{program} {way}" for program, way in zip(ends, ways)),
               *(f"{program} starts" for program in ends)]


def chosen():
    every = 1 if os.environ.get("EIG_THOROUGH") else 12
    # Twelve divides what one start order has; the offset makes all of them take part.
    return [order for number, order in enumerate(orders()) if (number + number // 48) % every == 0]


@pytest.mark.parametrize("order", chosen(), ids=lambda order: ", ".join(order[:3] + order[5:8]))
def test_no_packet_is_readable(edge, pair, order):
    host = Host(edge, pair)
    edge.lock_down()
    with pair.witness() as witness:
        for number, event in enumerate(["the host is up", *order]):
            if number:
                host.happen(event)
            pair.send(COUNT)
            entered = pair.knock(COUNT)
            readable = witness.clear_text()
            assert readable == [], f"after {event} ({number}): {[packet.hex() for packet in readable]}"
            assert entered == 0, f"after {event} ({number}): {entered} packets came in in clear text"
