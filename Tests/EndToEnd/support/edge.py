# SPDX-License-Identifier: Apache-2.0
"""One edge for one scenario: its configuration and its programs, and everybody around it."""

import signal
import subprocess

from . import network
from .configuration import Configuration
from .programs import Control, Program, end, last_words, programs, until
from .surroundings import ACKNOWLEDGED, HOSTS, REFUSED, Surroundings

__all__ = ["ACKNOWLEDGED", "REFUSED", "Edge"]


class Edge(Surroundings):
    def __init__(self, net, pki, folder):
        self.folder = folder
        self.run = folder / "run"
        self.store = folder / "store"
        for each in [self.run, self.store, folder / "etc"]:
            each.mkdir()
        super().__init__(net, pki, Configuration(pki, folder / "etc", self.run, self.store))
        self.hosts = folder / "hosts"
        self.hosts.write_text(HOSTS)
        etc = str(folder / "etc")
        self.eigd = Program("eigd", ["--config", etc], net.edge, folder, self.hosts)
        self.jumpd = Program("jumpd", ["enforce", "--config", etc], net.edge, folder, self.hosts, ["net_admin"])
        self.control = Control(self.run / "eigd.sock")
        self.enforcer = Control(self.run / "jumpd-enforce.sock")

    # Programs.

    def start(self, enforce=False):
        self.configuration.write()
        if enforce:
            self.jumpd.start()
            self.jumpd.ready(self.enforcer)
        self.start_eigd()
        return self

    def start_eigd(self, **options):
        self.eigd.start(**options)
        self.eigd.ready(self.control)

    def reload(self):
        """Writes the configuration and has eigd read it, by signal; returns once every worker decides by it."""
        self.configuration.write()
        before = self.generation
        self.eigd.signal(signal.SIGHUP)
        until(lambda: self.generation > before, what="a new configuration generation")
        self.eigd.logged(event="reloaded", message=f"generation {self.generation}")

    @property
    def status(self):
        return self.control.json("GET", "/v1/status")

    @property
    def generation(self):
        return self.status["configuration"]["generation"]

    def eigctl(self, *arguments):
        """The operator's command against this edge's folder and sockets."""
        command = [str(programs() / "eigctl"), *arguments, "--config", str(self.configuration.folder),
                   "--control-eigd", self.control.path, "--control-enforce", self.enforcer.path]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    # The end of a scenario.

    def close(self):
        """Ends everything; a program that died by itself fails the scenario."""
        try:
            end(self.eigd, self.jumpd)
        finally:
            if self.jumpd.process is not None:
                command = self.network.edge.command("nft", "flush", "ruleset")
                subprocess.run(command, capture_output=True, check=False)
            self.close_servers()

    def why(self):
        return last_words(self.eigd, self.jumpd)
