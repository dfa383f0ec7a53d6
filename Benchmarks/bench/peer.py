# SPDX-License-Identifier: Apache-2.0
"""The four edges under measurement: how each is configured and started, and which process carries its traffic."""

import os
import pwd
import re
import shutil
from pathlib import Path

from . import ROOT
from .process import Process, children

CONFIGURATIONS = ROOT / "Benchmarks" / "peers"
#: The core of the edge, and the one of the load and the backend.
EDGE_CORE, LOAD_CORE = 0, 1


class Peer:
    """One edge with one worker, as a context. `title` is what tables call it, `port` where callers connect."""

    title = ""

    def __init__(self, folder, partners, port, backend, name=None, cores=(EDGE_CORE,), under=()):
        """`under` is a command that runs the program: strace with its options."""
        self.name = name or self.title.lower()
        self.folder = Path(folder) / self.name
        self.partners = partners
        self.port = port
        self.backend = backend
        self.log = self.folder / "access.log"
        self.under = list(under)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.process = Process(self.name, [*under, *self.command()], cores, self.folder, output=self.output())

    def command(self):
        raise NotImplementedError

    def output(self):
        """Where standard output goes: the log for those that log there."""
        return None

    def __enter__(self):
        try:
            self.process.__enter__()
            self.process.listens(self.port)
        except BaseException:
            self.process.stop()
            raise
        return self

    def __exit__(self, *_):
        self.process.stop()

    @property
    def pid(self):
        """The process whose threads carry the traffic."""
        return self.process.pid

    def render(self, name, **values):
        """The configuration of that name with its @words@ filled in, as a file in our folder."""
        values = {
            "port": self.port, "backend": self.backend, "folder": self.folder, "log": self.log,
            "server": self.partners.certificate, "key": self.partners.key,
            "authorities": self.partners.folder / "authorities.pem", **values,
        }
        file = self.folder / name
        file.write_text(filled((CONFIGURATIONS / name).read_text(), values))
        return file


def filled(text, values):
    """Raises KeyError where the text has an @word@ nobody gave."""
    return re.sub(r"@([a-z]+)@", lambda word: str(values[word.group(1)]), text)


class HAProxy(Peer):
    title = "HAProxy"

    def command(self):
        file = self.render("haproxy.cfg", server=self.partners.folder / "server-and-key.pem",
                           partners=self.partners.folder / "haproxy.map")
        return ["haproxy", "-db", "-f", file]

    def output(self):
        return self.log


class Nginx(Peer):
    title = "nginx"

    def command(self):
        file = self.render("nginx.conf", partners=self.partners.folder / "nginx.map",
                           user=pwd.getpwuid(os.geteuid()).pw_name)
        return ["nginx", "-p", self.folder, "-c", file]

    @property
    def pid(self):
        """The worker: the master only waits."""
        (worker,) = children(self.process.pid)
        return worker


class Envoy(Peer):
    title = "Envoy"
    #: Set by whoever knows where it was installed.
    program = "envoy"

    def command(self):
        names = "\n".join(f"{' ' * 20}- {{san_type: DNS, matcher: {{exact: {self.partners.dns(name)}}}}}"
                          for name in self.partners.names)
        file = self.render("envoy.yaml", names=names)
        # Hot restart would share memory and sockets with another Envoy of this machine.
        return [self.program, "-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


class Eigd(Peer):
    title = "eigd"
    #: The program; set by whoever knows where it was built.
    program = "eigd"
    workers = 1

    def command(self):
        self.partners.write_eigd(self.folder / "etc", {
            "listen": {
                "partners": [f"127.0.0.1:{self.port}"],
                "internal": [f"127.0.0.1:{self.port + 50}"],
                "control": str(self.folder / "control"),
            },
            "server": {"names": ["edge.eig.example"], "certificate": "server.pem", "key": "server.key"},
            "workers": {"count": self.workers},
            "internal": {"from": ["127.0.0.1"]},
            # As long as the peers keep a caller's idle connection.
            "timeouts": {"idle": "5m"},
            # One address makes all handshakes here; counted and compared, and high enough to refuse none.
            "limits": {"handshakes-per-second": 100000, "handshakes-burst": 100000},
            "store": {"path": str(self.folder / "relay.db"), "reserve-bytes": 0},
            "backend": [{"name": "txn", "address": f"127.0.0.1:{self.backend}", "connections": 1024}],
            "route": [{"method": "POST", "path": "/eig/gsma/transactions", "role": "send", "to": "txn"}],
        })
        return [self.program, "--config", self.folder / "etc"]

    def output(self):
        return self.log


class EigdOnTwoCores(Eigd):
    workers = 2


PEERS = (HAProxy, Nginx, Envoy, Eigd)
