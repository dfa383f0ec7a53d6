# SPDX-License-Identifier: Apache-2.0
"""The gate of an installed host: set up as docs/operations/jump.md has it, administrators beside it, a host behind it."""

import contextlib
import json
import sys
from pathlib import Path

from .wires import ADMINISTRATOR

# Administrators and their hosts, from the gate's own scenarios.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Jump"))

from lab import wires  # noqa: E402
from lab.access import PORT, Access  # noqa: E402
from lab.administrator import SOCAT, Administrator  # noqa: E402
from lab.servers import Sshd  # noqa: E402

UNITS = ["jumpd-audit.service", "jumpd.service"]
SOCKETS = ["jumpd.socket", "jumpd-control.socket", "jumpd-audit.socket", "jumpd-audit-control.socket"]
DROP_IN = "/etc/systemd/system/jumpd.socket.d/10-listen.conf"
#: What an auditor types.
VERIFY = ["eigctl", "audit", "verify", "--key", "/etc/eig/audit.pub"]


class Gate:
    """What `Administrator` asks of a gate."""

    def __init__(self, host, folder):
        self.host = host
        self.machine = host.machine
        self.folder = folder
        self.wires = host.network
        self._live = []
        # An administrator sits beside the stranger, at an address the host lets in.
        self.wires.namespaces.setdefault("admin", host.network.stranger)
        self._wire()
        # sshd reads what it needs of an account as that account.
        for each in [folder, folder.parent]:
            each.chmod(0o711)
        self.sshd = Sshd(host.network.backends, folder / "sshd")
        self.servers = self
        self.configuration = access(host)

    def _wire(self):
        self.host.network._address("backends", "edge", f"{wires.HOST}/24")

    def set_up(self, has_gateway=True):
        """From a host that serves its partners, or has no gateway, to one that lets administrators in."""
        self.host.configuration = self.configuration
        self.host.write()
        if not has_gateway:
            self.machine.run("rm", "/etc/eig/eigd.toml")
        self.machine.shell(
            "mkdir -p -m 700 /etc/credstore && openssl genpkey -algorithm ed25519 -out /etc/credstore/audit.key "
            "&& chmod 600 /etc/credstore/audit.key && rm -f /etc/eig/identities/audit.key "
            "&& openssl pkey -in /etc/credstore/audit.key -pubout -out /etc/eig/audit.pub")
        self.machine.run("eigctl", "check")
        self.machine.run("eigctl", "setup", "--yes")
        if has_gateway:
            self.machine.run("eigctl", "apply", timeout=60)
        else:
            self.machine.systemctl("restart", "jumpd-enforce.service")
        self.machine.systemctl("enable", "--now", *UNITS, timeout=60)
        return self

    def boot(self):
        """As `Host.boot`; who is behind the gate is there again."""
        self.host.boot()
        self._wire()

    # Who uses it.

    def person(self, name):
        return Administrator(self, name, self.configuration.person(name), source=ADMINISTRATOR)

    def granted(self):
        """Anna, and the grant that Ben gave her."""
        anna, ben = self.person("anna"), self.person("ben")
        asked = anna.request("eig-01:22")
        ben.decide(asked, "approve")
        return anna, asked

    @staticmethod
    def _ssh(person):
        """From the address that the kernel lets in."""
        config = person.ssh_config(SOCAT.replace("{port},", "{port},bind=" + ADMINISTRATOR + ","))
        return ["ssh", "-F", config, "eig-01"]

    def shell(self, person):
        """One command through the gate."""
        return person.run(*self._ssh(person), "id -un", timeout=25)

    def live(self, person):
        """A shell that stays, and hears within a second or two that it was cut."""
        alive = ["-o", "ServerAliveInterval=1"]
        self._live.append(Live(person, person.start(*self._ssh(person)[:-1], *alive, "eig-01", "cat")))
        return self._live[-1]

    # What it says of itself.

    def listening(self):
        """Where administrators may connect to, as `ss` has it."""
        places = (line.split()[3] for line in self.machine.run("ss", "-Hltn").out.splitlines())
        return {place for place in places if place.endswith(f":{PORT}")}

    def events(self, kind):
        """The audit log's lines of a kind, the first one first."""
        done = self.machine.run("eigctl", "audit", "tail", "--lines", 10_000, "--kind", kind, "--json")
        return [json.loads(line) for line in done.out.splitlines()]

    def every_event(self):
        """All of the log's lines, checkpoints among them."""
        return [json.loads(line) for line in
                self.machine.shell("cat $(ls /var/lib/eig-audit/audit-*.jsonl | sort)").out.splitlines()]

    def close(self):
        with contextlib.suppress(OSError):
            for live in self._live:
                live.person.close()
        self.wires.namespaces.pop("admin", None)
        self.sshd.close()


class Live:
    """Somebody at a shell: what they type comes back."""

    def __init__(self, person, process):
        self.person = person
        self.process = process

    def types(self, text):
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()

    def ended(self, timeout=20):
        """How ssh ended, which it does by itself."""
        return self.process.wait(timeout)


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
