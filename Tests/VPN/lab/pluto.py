# SPDX-License-Identifier: Apache-2.0
"""The edge's Libreswan: the guest's own, with Debian's files, started and stopped as its unit does it."""

import shutil
from pathlib import Path

from .libreswan import empty_database, Libreswan

_NSS = Path("/var/lib/ipsec/nss")


class EdgeLibreswan(Libreswan):
    def __init__(self, namespace, folder):
        super().__init__("edge-pluto", namespace, folder)
        self.socket = Path("/run/pluto/pluto.ctl")
        if not (_NSS / "cert9.db").exists():
            shutil.copytree(empty_database(), _NSS, dirs_exist_ok=True)

    def configure(self, connections, secrets):
        """Its files are /etc/ipsec.d."""

    def start(self):
        self.socket.parent.mkdir(exist_ok=True)
        (self.socket.parent / "pluto.pid").unlink(missing_ok=True)
        return self._start("--config", "/etc/ipsec.conf")

    def stop(self):
        if self.is_running:
            self.whack("--shutdown")
            self.process.wait(15)
        # ExecStopPost of its unit.
        self.forget()
