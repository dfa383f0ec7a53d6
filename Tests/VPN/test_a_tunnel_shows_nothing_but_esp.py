# SPDX-License-Identifier: Apache-2.0
"""The laboratory itself: two daemons, one tunnel, and a wire that tells ESP from clear text."""

import pytest
from lab import network as places
from lab.facts import fact
from lab.libreswan import Libreswan
from lab.strongswan import StrongSwan
from support.network import run
from support.programs import until

pytestmark = pytest.mark.short

SECRET = "0x" + "5a" * 32
SECRETS = f"@gw.eig.example @vpn.payfast.example : PSK {SECRET}\n"
CONNECTION = f"""conn p_payfast_t1_s1
    type=tunnel
    ikev2=insist
    left="{places.EDGE_END}"
    leftid="@gw.eig.example"
    leftsubnet="{places.EDGE}/32"
    right="{places.PAYFAST_GATEWAY}"
    rightid="@vpn.payfast.example"
    rightsubnet="{places.PAYFAST_NETWORK}"
    authby=secret
    ike="aes_gcm256-sha2_512;dh20"
    esp="aes_gcm256"
    fragmentation=no
    leftupdown="%%disabled"
    rightupdown="%%disabled"
    auto=%s
"""
SWANCTL = f"""connections {{
    eig {{
        version = 2
        local_addrs = {places.PAYFAST_GATEWAY}
        remote_addrs = {places.EDGE_END}
        proposals = aes256gcm16-prfsha512-ecp384
        local {{ auth = psk
            id = fqdn:vpn.payfast.example }}
        remote {{ auth = psk
            id = fqdn:gw.eig.example }}
        children {{ eig {{
            local_ts = {places.PAYFAST_NETWORK}
            remote_ts = {places.EDGE}/32
            esp_proposals = aes256gcm16-ecp384
        }} }}
    }}
}}
secrets {{ ike-eig {{
    id-1 = fqdn:gw.eig.example
    id-2 = fqdn:vpn.payfast.example
    secret = {SECRET}
}} }}
"""


def partner(kind, network, folder):
    if kind == "libreswan":
        return Libreswan("partner", network.payfast, folder / "partner", CONNECTION % "add", SECRETS)
    return StrongSwan("partner", network.payfast, folder / "partner", SWANCTL)


def ping(network, count=5):
    run(*network.edge.command("ping", "-q", "-c", str(count), "-i", "0.2", "-W", "3", "-I", places.EDGE,
                              places.PAYFAST))


def test_a_packet_without_a_tunnel_is_seen(network):
    ping(network, 2)
    assert sorted(network.wire.clear()) == [(places.PAYFAST, places.EDGE, "icmp", 2),
                                            (places.EDGE, places.PAYFAST, "icmp", 2)]


@pytest.mark.parametrize("kind", ["libreswan", "strongswan"])
def test_a_packet_in_a_tunnel_is_not(network, folder, kind):
    before = network.wire.counts
    theirs = partner(kind, network, folder).start()
    ours = Libreswan("edge", network.edge, folder / "edge", CONNECTION % "add", SECRETS).start()
    try:
        ours.up("p_payfast_t1_s1")
        until(lambda: ours.carries(), what=f"the tunnel: {ours.said()}")
        ping(network)
        after = network.wire.counts
        assert ours.carries()["p_payfast_t1_s1"] == (420, 420)
    finally:
        ours.stop()
        theirs.stop()
    assert after["esp"] - before["esp"] == 10
    assert after["clear"] == before["clear"], network.wire.clear()
    fact(f"{kind}: {after['esp'] - before['esp']} ESP, {after['ike'] - before['ike']} IKE, 0 in clear text")
