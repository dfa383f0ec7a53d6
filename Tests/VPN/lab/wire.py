# SPDX-License-Identifier: Apache-2.0
"""The line between the edge and its partners: it counts every packet of either direction by what it gives away."""

import json
import subprocess

from support.network import run

#: ESP (50), IKE and ESP in UDP keep their content to themselves; ARP says who is in the street and no more, and a kernel
#: that a gateway's daemon is not running.
_RULES = """
table netdev wire {
    counter of_esp { }
    counter of_ike { }
    set clear {
        type ipv4_addr . ipv4_addr . inet_proto
        size 4096
        flags dynamic
        counter
    }
    counter of_errors { }
    counter of_clear { }
    set gateways {
        type ipv4_addr
        elements = { 203.0.113.1, 203.0.113.10, 203.0.113.11, 198.51.100.33, 198.51.100.40 }
    }
    chain look {
        ether type arp accept
        ip protocol esp counter name of_esp accept
        udp dport { 500, 4500 } counter name of_ike accept
        ip saddr @gateways ip daddr @gateways icmp type destination-unreachable counter name of_errors accept
        ether type ip counter name of_clear add @clear { ip saddr . ip daddr . ip protocol } accept
        icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept
        counter name of_clear
    }
%s}
"""
_PORT = """    chain at_%s {
        type filter hook ingress device "%s" priority -10; policy accept;
        jump look
    }
"""


class Wire:
    """`partners` are those at its far ends; what the edge sends is counted where it comes in, as theirs is."""

    def __init__(self, namespace, partners):
        self.namespace = namespace
        self.partners = partners
        ports = ["payfast", "mobicash", *(f"at-{name}" for name in partners)]
        self._nft("-f", "-", input=_RULES % "".join(_PORT % (port.replace("-", "_"), port) for port in ports))

    def _nft(self, *words, **options):
        return run(*self.namespace.command("nft", *words), **options)

    @property
    def counts(self):
        """Packets so far: `esp`, `ike`, `errors` about either, `clear`."""
        listed = json.loads(self._nft("-j", "list", "counters"))["nftables"]
        counters = [each["counter"] for each in listed if "counter" in each]
        return {each["name"].removeprefix("of_"): each["packets"] for each in counters}

    def clear(self):
        """Who spoke to whom in clear text, and how often."""
        listed = json.loads(self._nft("-j", "list", "set", "netdev", "wire", "clear"))["nftables"]
        elements = next(each["set"] for each in listed if "set" in each).get("elem", [])
        return [(*each["elem"]["val"]["concat"], each["elem"]["counter"]["packets"]) for each in elements]

    def assert_no_clear_text(self):
        counts = self.counts
        assert counts["clear"] == 0, f"{counts['clear']} packets in clear text: {self.clear()}"

    def impair(self, partner, *words):
        """Delay, loss: tc-netem(8)'s words, for what goes to the partner and for what comes from it."""
        for port in [partner.split("-")[0], f"at-{partner}"]:
            run(*self.namespace.command("tc", "qdisc", "replace", "dev", port, "root", "netem", *words))

    def unimpair(self, partner):
        for port in [partner.split("-")[0], f"at-{partner}"]:
            run(*self.namespace.command("tc", "qdisc", "del", "dev", port, "root"))

    def cut(self, partner):
        """Nothing crosses any more, and nobody is told."""
        run(*self.namespace.command("ip", "link", "set", f"at-{partner}", "nomaster"))

    def mend(self, partner):
        run(*self.namespace.command("ip", "link", "set", f"at-{partner}", "master", f"br-{partner.split('-')[0]}"))
