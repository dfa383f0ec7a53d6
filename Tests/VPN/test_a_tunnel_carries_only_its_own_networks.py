# SPDX-License-Identifier: Apache-2.0
"""A partner's gateway that sends another partner's addresses through its own tunnel gets nowhere.

The keys are set by hand, and our IPsec is told to believe the gateway: what is left is the enforcer.
"""

import re
import subprocess

import pytest
from lab import network as places
from lab.facts import fact
from support.network import run
from support.programs import programs

pytestmark = pytest.mark.short

END = "203.0.113.1"
ALGORITHM = ["aead", "rfc4106(gcm(aes))", "0x" + "0f1e2d3c4b5a69788796a5b4c3d2e1f011223344", "128"]
#: Of each tunnel in the kernel, as the enforcer numbers them where Libreswan was given none.
REQIDS = {"mobicash": 1, "payfast": 2}
GATEWAYS = {"mobicash": places.MOBICASH_GATEWAY, "payfast": places.PAYFAST_GATEWAY}
NETWORKS = {"mobicash": places.MOBICASH_NETWORK, "payfast": places.PAYFAST_NETWORK}
HOST = f"""
[host]
addresses = ["{places.EDGE}"]
[management]
from = ["10.99.0.0/24"]
ports = [22]
[partners]
ports = [8443]
[internal]
from = ["10.20.0.0/24"]
ports = [8081]
[tunnels]
addresses = ["{END}"]
"""
PARTNER = """
id = "%(name)s"
name = "%(name)s"
roles = ["send"]
owner = "ops@%(name)s.example"
ticket = "NET-1"
[[allow]]
from = ["%(network)s"]
via = "t1"
reason = "production egress"
[[certificate]]
ca = "%(name)s-ca.pem"
san = "edge.%(name)s.example"
[[tunnel]]
name = "t1"
peer = "%(gateway)s"
local-id = "@gw.edge.example"
remote-id = "@vpn.%(name)s.example"
local-subnets = ["%(edge)s"]
remote-subnets = ["%(network)s"]
auth = { psk = "psk" }
"""


def configuration(folder):
    for name in ["partners.d", "ca", "secrets", "ipsec.d"]:
        (folder / name).mkdir(parents=True)
    (folder / "jumpd.toml").write_text(HOST)
    (folder / "secrets" / "psk").write_text("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n")
    (folder / "secrets" / "psk").chmod(0o600)
    for name, gateway in GATEWAYS.items():
        keys = {"name": name, "gateway": gateway, "network": NETWORKS[name], "edge": places.EDGE}
        (folder / "partners.d" / f"{name}.toml").write_text(PARTNER % keys)
        # Only eigd looks into it.
        (folder / "ca" / f"{name}-ca.pem").write_text("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    return folder


def xfrm(namespace, *words):
    run(*namespace.command("ip", "xfrm", *words))


def policy(namespace, way, source, destination, name, priority="100"):
    """What goes, or comes, that way goes by the states of that partner."""
    ends = [END, GATEWAYS[name]] if (way == "out") == (namespace.name.endswith("edge")) else [GATEWAYS[name], END]
    xfrm(namespace, "policy", "add", "src", source, "dst", destination, "dir", way, "priority", priority,
         "tmpl", "src", ends[0], "dst", ends[1], "proto", "esp", "reqid", str(REQIDS[name]), "mode", "tunnel")


def lay(network, name):
    """Both ends of one tunnel."""
    theirs = getattr(network, name)
    for namespace in [network.edge, theirs]:
        for number, (source, destination) in enumerate([(END, GATEWAYS[name]), (GATEWAYS[name], END)]):
            xfrm(namespace, "state", "add", "src", source, "dst", destination, "proto", "esp",
                 "spi", hex(0x1000 + 16 * REQIDS[name] + number), "reqid", str(REQIDS[name]), "mode", "tunnel",
                 *ALGORITHM)
    policy(network.edge, "in", NETWORKS[name], places.EDGE, name)
    policy(network.edge, "out", places.EDGE, NETWORKS[name], name)
    policy(theirs, "in", places.EDGE, NETWORKS[name], name)
    policy(theirs, "out", NETWORKS[name], places.EDGE, name)


@pytest.fixture
def edge(enforceable, network, folder):
    """Both tunnels, and the enforcer's tables, which stand without it."""
    for name in GATEWAYS:
        lay(network, name)
    etc = configuration(folder / "etc")
    run(*network.edge.command(str(programs() / "jumpd"), "enforce", "--once", "--config", str(etc),
                              "--ipsec-folder", str(etc / "ipsec.d")))
    yield network.edge
    for namespace in [network.edge, network.payfast, network.mobicash]:
        for kind in ["state", "policy"]:
            xfrm(namespace, kind, "flush")
    for table in ["eig", "eig_lockdown"]:
        run(*network.edge.command("nft", "delete", "table", "inet", table))


def ping(namespace, source, count=3):
    """How many of them were answered."""
    done = subprocess.run(namespace.command("ping", "-q", "-c", str(count), "-i", "0.2", "-W", "1", "-I", source,
                                            places.EDGE), capture_output=True, text=True, check=False)
    return int(re.search(r"(\d+) received", done.stdout)[1])


def dropped(edge, counter):
    return int(re.search(r"packets (\d+)", run(*edge.command("nft", "list", "counter", "inet", "eig", counter)))[1])


def test_each_is_heard_through_its_own(network, edge):
    assert ping(network.payfast, places.PAYFAST) == 3
    assert ping(network.mobicash, places.MOBICASH) == 3
    assert dropped(edge, "wrong_tunnel") == 0


@pytest.mark.parametrize("believes", [False, True], ids=["our IPsec as it is", "our IPsec believes it"])
def test_and_through_no_other(network, edge, believes):
    stolen = f"{places.PAYFAST}/32"
    policy(network.mobicash, "out", stolen, f"{places.EDGE}/32", "mobicash", "50")
    run(*network.mobicash.command("ip", "addr", "add", stolen, "dev", "lo"))
    try:
        if believes:
            policy(edge, "in", stolen, f"{places.EDGE}/32", "mobicash", "50")
        assert ping(network.mobicash, places.PAYFAST) == 0
        assert dropped(edge, "wrong_tunnel") == 3
        assert ping(network.mobicash, places.MOBICASH) == 3
        fact("3 packets with another partner's address through a tunnel: 3 dropped by its number")
    finally:
        run(*network.mobicash.command("ip", "addr", "del", stolen, "dev", "lo"))


def test_and_a_network_without_a_number_through_none(network, edge):
    run(*edge.command("nft", "delete", "element", "inet", "eig", "r4", f"{{ {places.PAYFAST_NETWORK} . 0x2 }}"))
    assert ping(network.payfast, places.PAYFAST) == 0
    assert dropped(edge, "wrong_tunnel") == 3
    assert ping(network.mobicash, places.MOBICASH) == 3
