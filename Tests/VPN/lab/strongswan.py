# SPDX-License-Identifier: Apache-2.0
"""A strongSwan, as a partner's gateway: charon under its vici socket, configured by swanctl."""

import os
import subprocess

from .daemon import Daemon

_SETTINGS = """charon-systemd {{
    plugins {{ vici {{ socket = unix://{folder}/vici }} }}
    filelog {{ stderr {{ default = 1 }} }}
    journal {{ default = -1 }}
}}
swanctl {{ load = pem pkcs1 x509 revocation constraints pubkey openssl random nonce }}
"""


class StrongSwan(Daemon):
    def __init__(self, name, namespace, folder, configuration):
        super().__init__(name, namespace, folder)
        self.socket = self.folder / "vici"
        (self.folder / "strongswan.conf").write_text(
            "include /etc/strongswan.conf\n" + _SETTINGS.format(folder=self.folder))
        self.configuration = self.folder / "swanctl.conf"
        self.configuration.write_text(configuration)

    def start(self):
        self.socket.unlink(missing_ok=True)
        self.launch("/usr/sbin/charon-systemd", environment={"STRONGSWAN_CONF": self.folder / "strongswan.conf"})
        self.ready(self.socket)
        self.swanctl("--load-all", "--file", self.configuration)
        return self

    def swanctl(self, *words, check=True):
        command = self.namespace.command("swanctl", words[0], "--uri", f"unix://{self.socket}", *map(str, words[1:]))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, "STRONGSWAN_CONF": str(self.folder / "strongswan.conf")})
        assert not check or done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}\n{self.said()}"
        return done.stdout
