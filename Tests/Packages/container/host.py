# SPDX-License-Identifier: Apache-2.0
"""A host with the packages installed: configured as its administrator does it, with everybody around it."""

import json

from support.configuration import Configuration
from support.programs import Control, until
from support.surroundings import HOSTS, Surroundings

from .wires import ADMINISTRATION_PORT, ADMINISTRATOR

UNITS = ["eigd.service", "jumpd-enforce.service"]
SOCKETS = ["eigd.socket", "eigd-internal.socket", "eigd-control.socket", "jumpd-enforce.socket",
           "jumpd-tunnels.socket"]


class Host(Surroundings):
    def __init__(self, machine, wires, pki, folder):
        self.machine = machine
        self.folder = folder
        (folder / "etc").mkdir(parents=True)
        super().__init__(wires, pki, Configuration(pki, folder / "etc", "/run/eig", "/var/lib/eig"))
        self.configuration.host["control"]["path"] = "/run/eig/enforce.sock"
        self.configuration.host["internal"]["from"] = self.configuration.gateway["internal"]["from"]
        self.configuration.host["management"] = {"from": [f"{ADMINISTRATOR}/32"], "ports": [ADMINISTRATION_PORT]}

    # Power.

    def boot(self, settled=True):
        """A new boot, as real hardware has it: nothing of the kernel's state before is left."""
        self.network.replug()
        self.machine.boot(settled)
        return self

    def reboot(self):
        self.machine.power_off()
        return self.boot()

    # What the administrator does.

    def write(self):
        """Puts the configuration as it is now into /etc/eig; no program is told."""
        self.configuration.write()
        for name in self.machine.run("ls", "/etc/eig/partners.d").out.split():
            if name.endswith(".toml") and self.partners.get(name.removesuffix(".toml")) is None:
                self.machine.run("rm", f"/etc/eig/partners.d/{name}")
        self.install(self.folder / "etc")

    def install(self, folder):
        """Copies a configuration folder over /etc/eig: root's, readable for eigd's group and nobody else."""
        self.machine.copy_in(folder, "/etc/eig")
        self.machine.shell("chown -R root:eig /etc/eig && find /etc/eig -type d -exec chmod 750 {} + && "
                           "find /etc/eig -type f -exec chmod 640 {} +")

    def start(self):
        """From configured to serving."""
        # The sockets follow the files that are there.
        self.machine.run("eigctl", "setup", "--yes")
        self.machine.systemctl("restart", "jumpd-enforce.service", "eigd.service")
        until(lambda: self.control.answers(), 30, what="eigd to answer on its control socket")
        return self

    def serve(self):
        """From installed to serving: PayFast sends, MobiCash receives, TXN and RPT are behind."""
        self.machine.write("/etc/hosts", HOSTS)
        self.write()
        return self.start()

    # What the programs say.

    @property
    def control(self):
        return Control(f"/proc/{self.machine.leader}/root/run/eig/eigd.sock")

    @property
    def enforcer(self):
        return Control(f"/proc/{self.machine.leader}/root/run/eig/enforce.sock")

    @property
    def status(self):
        return self.control.json("GET", "/v1/status")

    @property
    def generation(self):
        return self.status["configuration"]["generation"]

    def entries(self, *words):
        """The journal's entries as objects, field names in small letters."""
        lines = self.machine.run("journalctl", "--no-pager", "--output=json", "--all", *words, timeout=60).out
        return [{key.lower(): value for key, value in json.loads(line).items()} for line in lines.splitlines()]

    def logged(self, timeout=10, identifier="eigd", **fields):
        """The first entry with these fields, as soon as it is there."""
        words = [f"{key.upper()}={value}" for key, value in fields.items()]
        found = until(lambda: self.entries("-t", identifier, *words), timeout, 0.1,
                      what=f"{identifier} to log {fields}")
        return found[0]

    def delivered(self, references, timeout=30):
        """Waits until PayFast was told of each of these transfers; at least once, never of another one."""
        wanted = set(references)
        server = self.payfast_callbacks

        def told():
            return {request.json["transactionReference"] for request in server.matching(lambda _: True)}
        until(lambda: wanted <= told(), timeout, 0.05, what=f"callbacks; missing {sorted(wanted - told())[:10]}")

    def close(self):
        self.machine.kill()
        self.close_servers()
