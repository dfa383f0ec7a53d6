# SPDX-License-Identifier: Apache-2.0
"""Libreswan and the units that keep it: from installed to a trap in the kernel, with nothing left out by the sandbox."""

import json

import pytest
from container.root import LATER
from support import network
from support.programs import until

CONNECTION = "p_payfast_t1_s1"
#: What Libreswan says of a connection whose packets wait for a tunnel.
TRAPPED = "prospective erouted"


@pytest.fixture
def vpn(edge):
    """What docs/operations/tunnels.md says, with a partner whose gateway is silent."""
    machine = edge.machine
    machine.shell(f"dpkg --install {LATER}/*.deb", timeout=90)
    machine.systemctl("enable", "--now", "ipsec.service", "jumpd-tunnels.socket", "jumpd-tunnels.service", timeout=60)
    edge.configuration.host["tunnels"] = {"addresses": [network.EDGE]}
    edge.partners["payfast"]["tunnel"] = [{
        "name": "t1", "peer": network.PAYFAST, "local-id": "@gw.eig.example", "remote-id": "@vpn.payfast.example",
        "local-subnets": ["10.20.0.0/24"], "remote-subnets": ["172.16.5.0/24"],
        "auth": {"psk": "payfast-t1.psk"}, "retransmit-timeout": "10s"}]
    edge.write()
    secret(machine)
    machine.run("eigctl", "apply", timeout=60)
    return edge


def secret(machine):
    """As the document makes it."""
    machine.shell("umask 027; head -c 32 /dev/urandom | base64 >/etc/eig/secrets/payfast-t1.psk; "
                  "chown root:eig /etc/eig/secrets/payfast-t1.psk")


def pluto(machine):
    return machine.run("/usr/libexec/ipsec/whack", "--status").out


def tunnels(machine):
    return json.loads(machine.run("eigctl", "tunnel", "status", "--json", check=False).out)


def test_a_tunnel_is_tried_loaded_and_watched(vpn):
    machine = vpn.machine
    assert TRAPPED in pluto(machine)
    assert machine.property("jumpd-tunnels.service", "CapabilityBoundingSet") == ""
    # Each step of the ladder was climbed in the sandbox, the throw-away pluto with them.
    said = machine.journal("-u", "jumpd-tunnels.service")
    assert "throw-away" not in said and "could not" not in said, said
    # What Libreswan logs is read where systemd keeps it.
    until(lambda: "does not answer" in machine.run("eigctl", "tunnel", "status", check=False).out, 40, 1,
          what="the reason why the tunnel is down")
    # A question is no change.
    assert machine.run("eigctl", "plan").out.strip() == "" or "no change" in machine.run("eigctl", "plan").out


def test_a_changed_secret_and_a_pluto_that_was_killed(vpn):
    machine = vpn.machine
    secret(machine)
    planned = machine.run("eigctl", "plan", check=False)
    assert planned.code == 2 and "secret" in planned.out, planned
    machine.run("eigctl", "apply", timeout=60)
    machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", "ipsec.service")
    until(lambda: machine.run("/usr/libexec/ipsec/whack", "--status", check=False).out.count(TRAPPED) == 1, 30, 0.5,
          what="the trap to be back")
    assert machine.is_active("jumpd-tunnels.service")


def test_a_reboot_brings_it_back(vpn):
    vpn.reboot()
    machine = vpn.machine
    for unit in ["ipsec.service", "jumpd-tunnels.service", "jumpd-enforce.service"]:
        machine.wait_active(unit)
    until(lambda: TRAPPED in pluto(machine), 30, 0.5, what="the trap")
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def test_a_tunnel_goes_with_its_partner_file_and_the_files_with_the_package(vpn):
    machine = vpn.machine
    assert machine.exists("/etc/ipsec.d/eig-payfast.conf")
    assert str(machine.run("stat", "--format=%a %U", "/etc/ipsec.d/eig-payfast.secrets")).strip() == "600 root"
    machine.run("apt-get", "purge", "-q", "-y", "jumpd", timeout=60)
    assert machine.shell("ls /etc/ipsec.d").out.split() == [
        name for name in machine.shell("ls /etc/ipsec.d").out.split() if not name.startswith("eig")]
    assert not machine.exists("/var/lib/eig-tunnels")
