# SPDX-License-Identifier: Apache-2.0
"""A Libreswan beside others in one guest: its files are below one folder, not in /etc and /run."""

import functools
import re
import shutil
import subprocess

from support.network import run
from support.programs import until

from .daemon import Daemon

_PLUTO = "/usr/libexec/ipsec/pluto"
_WHACK = "/usr/libexec/ipsec/whack"
_ADDCONN = "/usr/libexec/ipsec/addconn"
_SETUP = """config setup
    uniqueids=yes
    ikev1-policy=drop
    dumpdir={folder}

"""


@functools.cache
def empty_database():
    """An NSS database without certificates, made once."""
    folder = "/tmp/empty-nss"
    run("mkdir", folder)
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    return folder


class Libreswan(Daemon):
    def __init__(self, name, namespace, folder, connections="", secrets=""):
        super().__init__(name, namespace, folder)
        self.socket = self.folder / "run" / "pluto.ctl"
        (self.folder / "run").mkdir()
        shutil.copytree(empty_database(), self.folder / "nss")
        self.configure(connections, secrets)

    def configure(self, connections, secrets):
        """Takes effect at the next start."""
        (self.folder / "ipsec.conf").write_text(_SETUP.format(folder=self.folder) + connections)
        (self.folder / "ipsec.secrets").write_text(secrets)
        (self.folder / "ipsec.secrets").chmod(0o600)

    def start(self):
        """Loads and starts what its file says; returns once it takes orders and hears its peers."""
        (self.folder / "run" / "pluto.pid").unlink(missing_ok=True)
        return self._start("--config", self.folder / "ipsec.conf", "--secretsfile", self.folder / "ipsec.secrets",
                           "--nssdir", self.folder / "nss", "--rundir", self.folder / "run")

    def _start(self, *options):
        before = len(self.everything())
        self.socket.unlink(missing_ok=True)
        self.launch(_PLUTO, "--nofork", "--stderrlog", *options)
        self.ready(self.socket)
        # Last of all, when its file is loaded: until then a peer is told that nobody is there, in clear text.
        until(lambda: "loading secrets from" in self.everything()[before:], 30, 0.05, what=f"{self.name} to listen")
        return self

    def whack(self, *words, timeout=30):
        """Its answer; an exit code says nothing."""
        command = self.namespace.command(_WHACK, "--ctlsocket", str(self.socket), *words)
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        return done.stdout + done.stderr

    def up(self, name):
        """Starts a connection and waits for what comes of it."""
        return self.whack("--initiate", "--name", name)

    def carries(self):
        """Bytes in and out for each connection with an SA."""
        found = re.findall(r'"([^"]+)".*?inBytes=(\d+), outBytes=(\d+)', self.whack("--trafficstatus"))
        return {name: (int(came), int(went)) for name, came, went in found}
