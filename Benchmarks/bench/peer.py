# SPDX-License-Identifier: Apache-2.0
"""What is measured, and the four edges: how each is configured and started, and which process carries its traffic."""

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
    """One program under measurement, as a context. `title` is what tables call it, `port` where callers connect."""

    title = ""

    def __init__(self, folder, port, name=None, cores=(EDGE_CORE,), under=()):
        """`under` is a command that runs the program: strace with its options."""
        self.name = name or self.title.lower()
        self.folder = Path(folder) / self.name
        self.port = port
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.process = Process(self.name, [*under, *self.command()], cores, self.folder, output=self.output())

    def command(self):
        """How it is started, with its configuration written."""
        raise NotImplementedError

    def output(self):
        """Where standard output goes: the log for those that log there."""
        return None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Returns once it listens."""
        self.process.__enter__()
        self.process.listens(self.port)

    def stop(self):
        self.process.stop()

    @property
    def pid(self):
        """The process whose threads carry the traffic."""
        return self.process.pid

    def words(self):
        """What stands for the @words@ of its configuration."""
        return {"port": self.port, "folder": self.folder}

    def render(self, name, **words):
        """The configuration of that name with its @words@ filled in, as a file in our folder."""
        file = self.folder / name
        file.write_text(filled((CONFIGURATIONS / name).read_text(), {**self.words(), **words}))
        return file


def filled(text, values):
    """Raises KeyError where the text has an @word@ nobody gave."""
    return re.sub(r"@([a-z]+)@", lambda word: str(values[word.group(1)]), text)


class Edge(Peer):
    """One edge with one worker."""

    def __init__(self, folder, partners, port, backend, **options):
        self.partners = partners
        self.backend = backend
        super().__init__(folder, port, **options)

    @property
    def log(self):
        return self.folder / "access.log"

    def words(self):
        return {**super().words(), "backend": self.backend, "log": self.log, "server": self.partners.certificate,
                "key": self.partners.key, "authorities": self.partners.folder / "authorities.pem"}


class HAProxy(Edge):
    title = "HAProxy"

    def command(self):
        file = self.render("haproxy.cfg", server=self.partners.folder / "server-and-key.pem",
                           partners=self.partners.folder / "haproxy.map")
        return ["haproxy", "-db", "-f", file]

    def output(self):
        return self.log


class Nginx(Edge):
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


class Envoy(Edge):
    title = "Envoy"
    #: Set by whoever knows where it was installed.
    program = "envoy"

    def command(self):
        names = "\n".join(f"{' ' * 20}- {{san_type: DNS, matcher: {{exact: {self.partners.dns(name)}}}}}"
                          for name in self.partners.names)
        file = self.render("envoy.yaml", names=names)
        # Hot restart would share memory and sockets with another Envoy of this machine.
        return [self.program, "-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


class Eigd(Edge):
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
