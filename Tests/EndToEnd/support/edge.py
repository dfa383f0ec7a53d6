# SPDX-License-Identifier: Apache-2.0
"""One edge for one scenario: its configuration, its programs, the backends behind it and the partners before it."""

import json
import signal
import subprocess

from . import network
from .client import Caller, Connection
from .configuration import PASSWORDS, Configuration
from .programs import Control, Program, programs, until
from .server import Answer, Server

ACKNOWLEDGED = Answer(200, b'{"acknowledged":"true"}', [("Content-Type", "application/json")])
REFUSED = Answer(200, b'{"acknowledged":"false"}', [("Content-Type", "application/json")])


class Edge:
    def __init__(self, net, pki, folder):
        self.network = net
        self.pki = pki
        self.folder = folder
        self.run = folder / "run"
        self.store = folder / "store"
        for each in [self.run, self.store, folder / "etc"]:
            each.mkdir()
        self.configuration = Configuration(pki, folder / "etc", self.run, self.store)
        self.hosts = folder / "hosts"
        self.hosts.write_text(
            f"127.0.0.1 localhost\n{network.PAYFAST} callbacks.payfast.example\n"
            f"{network.MOBICASH} api.mobicash.example callbacks.mobicash.example\n")
        etc = str(folder / "etc")
        self.eigd = Program("eigd", ["--config", etc], net.edge, folder, self.hosts)
        self.jumpd = Program("jumpd", ["enforce", "--config", etc], net.edge, folder, self.hosts, ["net_admin"])
        self.control = Control(self.run / "eigd.sock")
        self.enforcer = Control(self.run / "jumpd-enforce.sock")
        self._servers = []
        self._made = {}
        ours = pki.authority("eig-ca")
        self.payfast = Caller(net.payfast, pki.leaf("payfast", "payfast-ca", "edge.payfast.example"), ours,
                              fields=[("X-USERNAME", "payfast"), ("X-PASSWORD", PASSWORDS["payfast"])],
                              source=network.PAYFAST)
        self.mobicash = Caller(net.mobicash, pki.leaf("mobicash", "mobicash-ca", "edge.mobicash.example"), ours)

    # The configuration, in short.

    @property
    def gateway(self):
        return self.configuration.gateway

    @property
    def partners(self):
        return self.configuration.partners

    # Programs.

    def start(self, enforce=False):
        self.configuration.write()
        if enforce:
            self.jumpd.start()
            self._ready(self.jumpd, self.enforcer)
        self.start_eigd()
        return self

    def start_eigd(self, **options):
        self.eigd.start(**options)
        self._ready(self.eigd, self.control)

    @staticmethod
    def _ready(program, control):
        def ready():
            assert program.is_running, f"{program.name} ended with {program.process.poll()}: {program.complaints()}" \
                f"{program.output.read_text()}"
            return control.answers()
        until(ready, what=f"{program.name} to answer on its control socket")

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

    # Backends.

    @property
    def txn(self):
        return self._once("txn", lambda: Server(self.network.backends, network.TXN, 8080))

    @property
    def rpt(self):
        return self._once("rpt", lambda: Server(self.network.backends, network.RPT, 8080))

    def inside(self, source=network.TXN):
        """A connection to the internal listener, from a backend's address."""
        return Connection(self.network.backends.connect((network.INSIDE, 8081), source))

    def callback(self, partner, key, body, fields=()):
        """A sender callback, as TXN posts it; the body is JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.inside() as connection:
            return connection.request("POST", f"/v1/callbacks/{partner}", data,
                                      [("Content-Type", "application/json"), ("Idempotency-Key", key), *fields],
                                      host="edge.inside")

    def outward(self, partner, method, path, body=None, fields=()):
        """A call to a partner, as TXN makes it."""
        with self.inside() as connection:
            return connection.request(method, f"/v1/partners/{partner}{path}", body, fields, host="edge.inside")

    # Partners' endpoints.

    @property
    def payfast_callbacks(self):
        """PayFast's callback endpoint; it acknowledges as TerraPay's partners do."""
        def make():
            identity = self.pki.leaf("payfast-callbacks", "payfast-ca", "callbacks.payfast.example",
                                     usage="serverAuth")
            server = Server(self.network.payfast, network.PAYFAST, 9443, identity, self.pki.authority("eig-ca"))
            server.behaviour = lambda request: ACKNOWLEDGED
            return server
        return self._once("payfast_callbacks", make)

    @property
    def mobicash_callbacks(self):
        return self._once("mobicash_callbacks", lambda: self._mobicash(9443))

    @property
    def mobicash_api(self):
        """What MobiCash serves for outward calls."""
        return self._once("mobicash_api", lambda: self._mobicash(8443))

    def _mobicash(self, port):
        identity = self.pki.leaf("mobicash-server", "mobicash-ca", "api.mobicash.example",
                                 "callbacks.mobicash.example", usage="serverAuth")
        return Server(self.network.mobicash, network.MOBICASH, port, identity, self.pki.authority("eig-ca"))

    def _once(self, name, make):
        if name not in self._made:
            self._made[name] = make()
            self._servers.append(self._made[name])
        return self._made[name]

    # The end of a scenario.

    def close(self):
        """Ends everything; a program that died by itself fails the scenario."""
        died = [program for program in (self.eigd, self.jumpd)
                if program.process is not None and program.process.poll() not in (None, 0, -signal.SIGKILL)]
        for program in (self.eigd, self.jumpd):
            if program.is_running:
                program.kill()
        if self.jumpd.process is not None:
            command = self.network.edge.command("nft", "flush", "ruleset")
            subprocess.run(command, capture_output=True, check=False)
        for server in self._servers:
            server.close()
        for program in died:
            raise AssertionError(f"{program.name} died ({program.process.returncode}): {program.complaints()[-4000:]}")

    def why(self):
        """What the programs said, for a scenario that failed."""
        parts = []
        for program in (self.eigd, self.jumpd):
            if program.process is not None:
                lines = [line[:300] for line in program.output.read_text(errors="replace").splitlines()[-20:]]
                parts.append(f"--- {program.name}\n" + "\n".join(lines) + "\n" + program.complaints()[-4000:])
        return "\n".join(parts)
