# SPDX-License-Identifier: Apache-2.0
"""Our end with our programs: the allow-list of the kernel and the tunnels, run as their units run them."""

import json
import subprocess

from support.manager import Manager
from support.programs import Control, Program, end, last_words, programs

from .configured import Configured


class Place:
    """What `Program` asks a namespace for."""

    def __init__(self, end):
        self.command = end.inside


class Edge:
    """`configured` is written by whoever changed it; nothing runs before it is started."""

    def __init__(self, end, folder, pki):
        self.end = end
        self.folder = folder
        self.configured = Configured(folder, pki)
        hosts = folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        self.managers = {}
        etc = str(self.configured.folder)
        self.enforcer = self._program("enforce", ["--config", etc], hosts, ["net_admin"])
        self.enforcer_control = Control(self.configured.run / "enforce.sock")
        self.state = folder / "state"
        self.state.mkdir()
        self.tunnels = self._program("tunnels", ["--config", etc, "--state", str(self.state)], hosts)
        self.tunnels_control = Control(self.configured.run / "tunnels.sock")

    def _program(self, verb, arguments, hosts, capabilities=()):
        folder = self.folder / verb
        folder.mkdir()
        self.managers[verb] = Manager(folder)
        return Program("jumpd", [verb, *arguments], Place(self.end), folder, hosts, capabilities, called=verb)

    # The allow-list.

    def lock_down(self):
        """What eig-lockdown.service does before the network is there."""
        self.end.command(programs() / "jumpd", "lockdown", "--config", self.configured.folder)

    def start_enforcer(self):
        manager = self.managers["enforce"]
        manager.forget()
        self.enforcer.start(environment=manager.environment(), sockets=manager.kept)
        manager.told("READY=1")

    def stop_enforcer(self):
        """As `systemctl stop` does it: the descriptors it had put by are closed, and the table goes with its owner.

        Linux keeps the table since 6.9; here it goes on any kernel.
        """
        self.enforcer.terminate()
        self.enforcer.exited()
        manager = self.managers["enforce"]
        for _, kept in manager.kept:
            kept.close()
        manager.kept = []
        self.end.attempt("nft", "delete", "table", "inet", "eig")

    def kill_enforcer(self):
        """As a crash: systemd keeps the descriptors, and with them the table."""
        self.enforcer.kill()

    # The tunnels.

    def start_tunnels(self):
        """Returns once it has applied what the files say, or has said why not."""
        manager = self.managers["tunnels"]
        manager.forget()
        self.tunnels.start(environment=manager.environment())
        manager.told("READY=1", timeout=60)

    def stop_tunnels(self):
        self.tunnels.terminate()
        self.tunnels.exited()

    def ask(self, verb, timeout=60):
        """The status and the document of `/v1/plan` or `/v1/apply`, by the files as they are configured now."""
        self.configured.write()
        status, body = self.tunnels_control.request("POST", f"/v1/{verb}", timeout=timeout)
        return status, json.loads(body)

    def apply(self):
        """Must succeed; the changes it names."""
        status, document = self.ask("apply")
        assert status == 200, document
        return document["changes"]

    def eigctl(self, *arguments, timeout=60):
        """The operator's command, by the files as they are."""
        command = [str(programs() / "eigctl"), *arguments, "--config", str(self.configured.folder)]
        return subprocess.run(self.end.inside(*command), capture_output=True, text=True, timeout=timeout, check=False)

    @property
    def files(self):
        """What pluto reads, by the names of the files."""
        return {path.name: path.read_bytes() for path in self.end.etc.iterdir()}

    def remove(self):
        try:
            end(self.enforcer, self.tunnels)
        finally:
            for manager in self.managers.values():
                manager.close()

    def why(self):
        return last_words(self.enforcer, self.tunnels)
