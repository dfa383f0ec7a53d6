# SPDX-License-Identifier: Apache-2.0
"""The gates under measurement: ours, and three programs that put TLS with a client's certificate before a TCP port."""

import http.client
import json
import socket
import ssl
import subprocess
import sys

from bench import ROOT
from bench.peer import LOAD_CORE, Peer
from bench.process import Process

from . import ADDRESS

sys.path.insert(0, str(ROOT / "Tests" / "Jump"))
from lab import access  # noqa: E402
from support.programs import until  # noqa: E402

NAME = access.NAME
PERSON = "anna"
TARGET = "sink"


class Front(Peer):
    """One gate on one core; `target` is what a connection begins with, if anything."""

    target = None
    #: Whether each connection is a process of its own, so that thousands of idle ones are no fair question.
    forks = False

    def __init__(self, folder, pki, port, sink):
        self.pki = pki
        self.sink = sink
        self.server = pki.leaf("jump", "eig-ca", NAME, f"*.{NAME}", usage="serverAuth")
        self.authorities = pki.authority(access.AUTHORITY).certificate
        super().__init__(folder, port)

    @property
    def processes(self):
        return [self.process]

    def words(self):
        both = self.folder / "server-and-key.pem"
        both.write_text(self.server.certificate.read_text() + self.server.key.read_text())
        return {**super().words(), "address": ADDRESS, "target": self.sink, "server": both,
                "authorities": self.authorities, "person": f"{PERSON}@edge.example"}


class HAProxy(Front):
    title = "HAProxy"

    def command(self):
        return ["haproxy", "-db", "-f", self.render("haproxy-tcp.cfg")]


class Stunnel(Front):
    title = "stunnel"

    def command(self):
        return ["stunnel4", self.render("stunnel.conf")]


class Socat(Front):
    title = "socat"
    forks = True

    def command(self):
        listen = ",".join([
            f"OPENSSL-LISTEN:{self.port}", f"bind={ADDRESS}", "fork", "reuseaddr", "backlog=1024", "nodelay",
            f"cert={self.server.certificate}", f"key={self.server.key}", f"cafile={self.authorities}", "verify=1",
            "openssl-min-proto-version=TLS1.3"])
        # The largest block it is commonly given; its default of 8 KiB takes half of a record at a time.
        return ["socat", "-b", "65536", listen, f"TCP:{ADDRESS}:{self.sink},nodelay"]


class Gate(Front):
    """`jumpd gate` with its log: every session is written down, by a process on the core of the load whose time and
    memory count as the gate's."""

    title = "jumpd"
    #: Set by whoever knows where it was built.
    program = "jumpd"

    def __init__(self, folder, pki, port, sink):
        super().__init__(folder, pki, port, sink)
        self.audit = Process("audit", [self.program, "audit", "--config", self.folder / "etc"], (LOAD_CORE,), self.folder)

    @property
    def target(self):
        return f"{TARGET}:{self.sink}"

    def command(self):
        run, state, trail, etc = (self.folder / name for name in ["run", "state", "audit", "etc"])
        for each in [run, state, trail, etc]:
            each.mkdir()
        self.configuration = configuration = access.Access(self.pki, etc, run, self.folder / "store", trail)
        host = configuration.host
        host["management"] = {"from": [f"{ADDRESS}/32"], "ports": [self.port]}
        host["gate"].update({"listen": [f"{ADDRESS}:{self.port}"], "workers": 1, "sessions-per-person": 10000,
                             "handshakes-per-second": 100000, "handshakes-burst": 100000})
        host["target"] = [{**configuration.target(TARGET, ADDRESS, [self.sink]), "reason": "the benchmark"}]
        host["role"] = [{"id": "network", "targets": [self.target], "may": ["approve"]}]
        host["admin"] = [configuration.admin(name, name, ["network"]) for name in [PERSON, "ben"]]
        configuration.write()
        return [self.program, "gate", "--config", etc, "--state", state]

    def start(self):
        """With a grant for whoever is measured."""
        self.audit.__enter__()
        until(lambda: (self.folder / "run" / "audit.sock").exists(), 20, 0.05, what="the log to answer")
        super().start()
        asked = self._ask(PERSON, "/v1/grants", {
            "targets": [self.target], "minutes": 240, "reason": "the benchmark", "ticket": "BENCH-1"})
        self._ask("ben", f"/v1/grants/{asked['grant']['id']}/approve", {})

    @property
    def processes(self):
        return [self.process, self.audit]

    def stop(self):
        super().stop()
        self.audit.stop()

    def _ask(self, name, path, body):
        identity = self.configuration.person(name)
        context = ssl.create_default_context(cafile=str(self.configuration.authority.certificate))
        context.load_cert_chain(identity.certificate, identity.key)
        connection = http.client.HTTPSConnection(NAME, timeout=10)
        plain = socket.create_connection((ADDRESS, self.port), 10)
        connection.sock = context.wrap_socket(plain, server_hostname=NAME)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        if answer.status not in (200, 201):
            raise RuntimeError(f"the gate answers {answer.status} to {path}: {said[:500]!r}")
        return json.loads(said)


def versions():
    def said(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()
    return {
        "HAProxy": next((line.split()[2] for line in said("haproxy", "-v") if "version" in line), "unknown"),
        "stunnel": next((line.split()[1] for line in said("stunnel4", "-version") if line.startswith("stunnel ")),
                        "unknown"),
        "socat": next((line.split()[2] for line in said("socat", "-V") if line.startswith("socat version")), "unknown"),
    }


ALL = [HAProxy, Stunnel, Socat, Gate]
