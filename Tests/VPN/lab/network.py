# SPDX-License-Identifier: Apache-2.0
"""The end-to-end tests' network with somebody listening in the middle.

    payfast   203.0.113.10   --+
    payfast-b 203.0.113.11   --+-- wire -- edge 192.0.2.1 -- backends 10.20.0.10 (TXN), 10.20.0.11 (RPT)
    mobicash  198.51.100.40  --+

Behind each partner's gateway is a network of its own, 172.16.5.0/24 and 172.17.5.0/24, in which it calls and is
called; `payfast-b` is PayFast's second gateway, to the same network.
"""

import subprocess

from support import network
from support.network import Namespace, Network

from .wire import Wire

EDGE = network.EDGE
#: Where all our tunnels begin, and what the edge is in the street MobiCash lives in.
EDGE_END = "203.0.113.1"
EDGE_TO_MOBICASH = "198.51.100.33"
PAYFAST_GATEWAY = "203.0.113.10"
PAYFAST_BACKUP = "203.0.113.11"
MOBICASH_GATEWAY = "198.51.100.40"
PAYFAST_NETWORK = "172.16.5.0/24"
MOBICASH_NETWORK = "172.17.5.0/24"
#: Where the partners call from and are called.
PAYFAST = "172.16.5.10"
MOBICASH = "172.17.5.40"

# Who asks where the partners are, from here on, is told where their tunnels lead.
network.PAYFAST, network.MOBICASH = PAYFAST, MOBICASH


class TunnelNetwork(Network):
    """Six namespaces; what goes between edge and partners crosses a seventh, `wire`."""

    def __init__(self):
        self.prefix = "vpn-"
        self.namespaces = {}
        for name in ["wire", "edge", "payfast", "payfast-b", "mobicash", "backends"]:
            self.namespaces[name] = Namespace(self.prefix + name)
        self._join()
        self.wire = Wire(self.namespaces["wire"], ["payfast", "payfast-b", "mobicash"])

    def _join(self):
        # One bridge for each street the edge has a house in; a port's name says who is behind it.
        self._batch("wire", [
            *self._street("payfast", "payfast", "payfast-b"), *self._street("mobicash", "mobicash")])
        self._batch("edge", [
            f"link add backends type veth peer name edge netns {self.prefix}backends",
            f"addr add {EDGE}/32 dev lo", f"addr add {network.EDGE6}/128 dev lo nodad", f"addr add {EDGE_END}/28 dev payfast",
            f"addr add {EDGE_TO_MOBICASH}/28 dev mobicash", f"addr add {network.INSIDE}/24 dev backends",
            "link set payfast up", "link set mobicash up", "link set backends up",
            f"route add {PAYFAST_NETWORK} via {PAYFAST_GATEWAY} src {EDGE}",
            f"route add {MOBICASH_NETWORK} via {MOBICASH_GATEWAY} src {EDGE}"])
        for name, outside, inside, gateway in [
                ("payfast", PAYFAST_GATEWAY, PAYFAST, EDGE_END),
                ("payfast-b", PAYFAST_BACKUP, PAYFAST, EDGE_END),
                ("mobicash", MOBICASH_GATEWAY, MOBICASH, EDGE_TO_MOBICASH)]:
            self._batch(name, [f"addr add {outside}/28 dev edge", f"addr add {inside}/32 dev lo", "link set edge up",
                               f"route add {EDGE}/32 via {gateway} src {inside}", f"route add default via {gateway}"])
        self._batch("backends", [f"addr add {address}/24 dev edge" for address in [network.TXN, network.RPT]]
                    + ["link set edge up", f"route add default via {network.INSIDE}"])

    def _street(self, ours, *theirs):
        yield f"link add br-{ours} type bridge"
        yield f"link add {ours} type veth peer name {ours} netns {self.prefix}edge"
        yield f"link set {ours} master br-{ours} up"
        for name in theirs:
            yield f"link add at-{name} type veth peer name edge netns {self.prefix}{name}"
            yield f"link set at-{name} master br-{ours} up"
        yield f"link set br-{ours} up"

    def _batch(self, name, lines):
        """One ip for all of them: a program's start is dear in the guest."""
        subprocess.run(["ip", "-n", self.prefix + name, "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                       check=True, timeout=30)
