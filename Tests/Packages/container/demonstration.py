# SPDX-License-Identifier: Apache-2.0
"""The demonstration of `make demo`, with its edge on an installed host instead of in a namespace."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

from support import network

from .packages import ROOT, SANDBOX

_DEMO = ROOT / "demo"
_LAB = Path(__file__).with_name("lab.sh")
_PROGRAMS = ["rpt", "txn", "payfast", "mobicash"]


class Demonstration:
    """Its folder, as demo/run.sh makes it, and everybody around the edge."""

    def __init__(self, host, packages, folder):
        self.host = host
        self.folder = Path(folder)
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "log").mkdir()
        (self.folder / "run").mkdir()
        for name in [SANDBOX, "eigctl"]:
            tree = packages[name].extract(self.folder / name)
            shutil.copy(tree / "usr" / "bin" / name, self.folder / "bin" / name)
        (self.folder / "addresses").write_text(f"payfast={network.PAYFAST}\nmobicash={network.MOBICASH}\n")
        names = {name: namespace.name for name, namespace in host.network.namespaces.items()}
        (self.folder / "names").write_text("".join(f"{name}={real}\n" for name, real in names.items()))
        self._run(_DEMO / "pki.sh", self.folder / "pki")
        self._run(_DEMO / "configure.sh", self.folder, "0")
        self._follower = None

    def configure(self):
        """Its partners and routes become the host's; what is where on a disk stays as the packages have it."""
        etc = self.folder / "etc"
        for name in ["eigd.toml", "jumpd.toml"]:
            text = (etc / name).read_text()
            text = text.replace(f"{self.folder}/run/eigd/eigd.sock", "/run/eig/eigd.sock")
            text = text.replace(f"{self.folder}/run/jumpd-enforce.sock", "/run/eig/enforce.sock")
            (etc / name).write_text(text.replace(f"{self.folder}/store", "/var/lib/eig"))
        self.host.install(etc)
        self.host.machine.write("/etc/hosts", (self.folder / "hosts").read_text())

    def run(self):
        """All its steps; the program itself says which of them it did not observe."""
        (self.folder / "leader").write_text(f"{self.host.machine.leader}\n")
        self._follow()
        try:
            for program in _PROGRAMS:
                self._run(_DEMO / "lab.sh", self.folder, "start", program)
            return subprocess.run([str(self.folder / "bin" / SANDBOX), "demo", "--folder", str(self.folder),
                                   "--lab", str(_LAB)], capture_output=True, text=True, timeout=100, check=False)
        finally:
            self.close()

    def close(self):
        for program in _PROGRAMS:
            subprocess.run([str(_DEMO / "lab.sh"), str(self.folder), "stop", program], capture_output=True,
                           timeout=30, check=False)
        if self._follower:
            self._follower.kill()
            self._follower.wait()

    def _follow(self):
        """Keeps log/eigd.log, which the demonstration reads, equal to what the journal has of eigd."""
        self._follower = self.host.machine.popen("journalctl", "--follow", "--lines=all", "--output=json",
                                                 "--identifier=eigd", stdout=subprocess.PIPE)
        threading.Thread(target=self._copy, daemon=True).start()

    def _copy(self):
        with open(self.folder / "log" / "eigd.log", "a", encoding="utf-8") as log:
            for line in self._follower.stdout:
                message = json.loads(line)["MESSAGE"]
                # Its complaints on standard error are for people.
                if message.startswith("{"):
                    log.write(message + "\n")
                    log.flush()

    @staticmethod
    def _run(*command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}, check=False)
        assert done.returncode == 0, f"{command[0]}: {done.stderr}{done.stdout}"
