# SPDX-License-Identifier: Apache-2.0
"""The gate as it is installed: off until it is enabled, then a shell through it, over restarts, and gone when purged."""

import sys
from pathlib import Path

import pytest
from container.packages import NAMES
from container.wires import ADMINISTRATOR
from support.programs import until

# Administrators and their hosts, from the gate's own scenarios.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Jump"))

from lab import wires  # noqa: E402
from lab.access import PORT, Access  # noqa: E402
from lab.administrator import SOCAT, Administrator  # noqa: E402
from lab.servers import Sshd  # noqa: E402

UNITS = ["jumpd-audit.service", "jumpd.service"]


class Gate:
    """What `Administrator` asks of a gate."""

    def __init__(self, host, folder):
        self.host = host
        self.machine = host.machine
        self.folder = folder
        self.wires = host.network
        # An administrator sits beside the stranger, at an address the host lets in.
        self.wires.namespaces.setdefault("admin", host.network.stranger)
        host.network._address("backends", "edge", f"{wires.HOST}/24")
        # sshd reads what it needs of an account as that account.
        for each in [folder, folder.parent]:
            each.chmod(0o711)
        self.sshd = Sshd(host.network.backends, folder / "sshd")
        self.servers = self
        self.configuration = access(host)

    def person(self, name):
        return Administrator(self, name, self.configuration.person(name), source=ADMINISTRATOR)

    def control(self, path):
        return self.machine.run("curl", "-sS", "--unix-socket", "/run/eig/jump.sock", f"http://control{path}").out

    def close(self):
        self.wires.namespaces.pop("admin", None)
        self.sshd.close()


def access(host):
    """The host's own configuration with what a gate needs, its sockets and folders where the packages have them."""
    configuration = Access(host.pki, host.folder / "etc", "/run/eig", "/var/lib/eig", "/var/lib/eig-audit")
    configuration.host["control"]["path"] = "/run/eig/enforce.sock"
    configuration.host["internal"]["from"] = configuration.gateway["internal"]["from"]
    configuration.host["management"] = {"from": [f"{ADMINISTRATOR}/32"], "ports": [22, PORT]}
    configuration.host["gate"]["listen"] = [f"0.0.0.0:{PORT}", f"[::]:{PORT}"]
    # Nobody but its own process can read the key that signs the log.
    configuration.host["audit"]["key"] = "credential:audit.key"
    return configuration


@pytest.fixture
def gate(edge):
    """What docs/operations/jump.md says, from a host that serves its partners."""
    gate = Gate(edge, edge.machine.folder)
    try:
        edge.configuration = gate.configuration
        edge.write()
        edge.machine.shell("mkdir -p -m 700 /etc/credstore && openssl genpkey -algorithm ed25519 -out /etc/credstore/audit.key "
                           "&& chmod 600 /etc/credstore/audit.key && rm -f /etc/eig/identities/audit.key "
                           "&& openssl pkey -in /etc/credstore/audit.key -pubout -out /etc/eig/audit.pub")
        edge.machine.run("eigctl", "check")
        edge.machine.run("eigctl", "apply", timeout=60)
        edge.machine.systemctl("enable", "--now", *UNITS, timeout=60)
        yield gate
    finally:
        gate.close()


def shell(gate, person):
    """One command through the gate, from the address that the kernel lets in."""
    config = person.ssh_config(SOCAT.replace("{port},", "{port},bind=" + ADMINISTRATOR + ","))
    return person.run("ssh", "-F", config, "eig-01", "id -un", timeout=25)


def granted(gate):
    anna, ben = gate.person("anna"), gate.person("ben")
    asked = anna.request("eig-01:22")
    ben.decide(asked, "approve")
    return anna, asked


def test_a_shell_through_it_and_a_refusal_in_the_log(gate):
    anna, grant = granted(gate)
    done = shell(gate, anna)
    assert (done.code, done.out) == (0, "operator\n"), done
    assert shell(gate, gate.person("mallory")).code == 255
    shown = gate.machine.run("eigctl", "audit", "tail").out
    assert "session.begin" in shown and grant in shown and "session.refused" in shown, shown
    assert gate.machine.run("eigctl", "audit", "verify", "--key", "/etc/eig/audit.pub").code == 0
    # Each as itself, with nothing it does not need.
    for unit, user in [("jumpd.service", "jump"), ("jumpd-audit.service", "eig-audit")]:
        pid = gate.machine.main_pid(unit)
        fields = gate.machine.read(f"/proc/{pid}/status")
        assert str(gate.machine.run("ps", "-o", "user=", "-p", pid)) == user
        assert "CapEff:\t0000000000000000" in fields and "NoNewPrivs:\t1" in fields, fields
    assert str(gate.machine.run("stat", "--format=%a %U", "/var/lib/eig-audit")) == "700 eig-audit"
    assert str(gate.machine.run("stat", "--format=%a %U", "/var/lib/eig-jump")) == "700 jump"


def test_grants_outlive_a_restart_and_a_crash(gate):
    anna, _ = granted(gate)
    gate.machine.systemctl("restart", "jumpd.service", timeout=60)
    assert shell(gate, anna).code == 0
    for unit in UNITS:
        gate.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", unit)
        until(lambda unit=unit: gate.machine.is_active(unit), 20, 0.1, what=f"{unit} to be back")
    until(lambda: shell(gate, anna).code == 0, 20, 0.5, what="a shell")
    assert gate.machine.run("eigctl", "audit", "verify", "--key", "/etc/eig/audit.pub").code == 0


def test_a_reload_takes_a_good_file_and_refuses_a_bad_one(gate):
    anna, _ = granted(gate)
    gate.machine.shell("cp /etc/eig/jumpd.toml /srv/good && echo 'unknown = 1' >>/etc/eig/jumpd.toml")
    refused = gate.machine.systemctl("reload", "jumpd.service", check=False)
    assert refused.code != 0
    assert shell(gate, anna).code == 0
    gate.machine.shell("cat /srv/good >/etc/eig/jumpd.toml")
    gate.machine.systemctl("reload", "jumpd.service")
    assert shell(gate, anna).code == 0


def test_removing_closes_it_and_purging_keeps_what_was_written_down(gate):
    granted(gate)
    said = gate.machine.run("apt-get", "purge", "-q", "-y", *NAMES, timeout=60)
    assert f":{PORT}" not in gate.machine.run("ss", "-Hltn").out
    assert "/var/lib/eig-audit" in said.out + said.err and "/var/lib/eig-jump" in said.out + said.err, said
    assert gate.machine.shell("ls /var/lib/eig-audit | wc -l").out.strip() != "0"
    assert gate.machine.exists("/var/lib/eig-jump/access.db")
