# SPDX-License-Identifier: Apache-2.0
"""The strongSwan of one end, instead of its pluto: charon with swanctl, unpacked and not installed."""

import os
import subprocess
from pathlib import Path

from support.programs import until

#: What `deps/strongswan.sh` fills.
FOLDER = Path(__file__).resolve().parents[3] / ".build" / "strongswan"

_SETTINGS = """charon-systemd {{
    load = random nonce openssl pem pkcs1 x509 pubkey constraints revocation hmac sha1 sha2 aes gcm kdf \
kernel-netlink socket-default vici
    plugins {{ vici {{ socket = unix://{folder}/vici }} }}
    filelog {{ stderr {{ default = 1 }} }}
    journal {{ default = -1 }}
}}
swanctl {{ load = pem pkcs1 x509 revocation constraints pubkey openssl random nonce }}
"""


def obstacle():
    """Why there is none, or nothing."""
    return None if (FOLDER / "usr/sbin/charon-systemd").exists() else "needs strongSwan: run deps/strongswan.sh"


class Charon:
    def __init__(self, end):
        self.end = end
        self.folder = end.folder / "strongswan"
        self.folder.mkdir()
        self.log = self.folder / "charon.log"
        self.process = None
        (self.folder / "strongswan.conf").write_text(_SETTINGS.format(folder=self.folder))

    @property
    def _environment(self):
        return {**os.environ, "STRONGSWAN_CONF": str(self.folder / "strongswan.conf"),
                "SWANCTL_DIR": str(self.folder)}

    def put(self, kind, name, file):
        """As into /etc/swanctl/KIND."""
        (self.folder / kind).mkdir(exist_ok=True)
        (self.folder / kind / name).write_bytes(file.read_bytes())

    def start(self):
        """In a mount namespace of its own, where the unpacked files lie over /usr."""
        overlay = f"mount -t overlay overlay -o lowerdir={FOLDER}/usr:/usr /usr"
        command = self.end.inside("unshare", "--mount", "--propagation", "private", "sh", "-c",
                                  f"{overlay} && exec setpriv --pdeathsig KILL charon-systemd")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self._environment, start_new_session=True)
        until((self.folder / "vici").exists, what="charon to answer")
        return self

    def swanctl(self, *arguments):
        """What it said; that it succeeded is checked."""
        command = ["nsenter", f"--target={self.process.pid}", "--net", "--mount", "--wd=/", "swanctl", arguments[0],
                   "--uri", f"unix://{self.folder}/vici", *map(str, arguments[1:])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=self._environment)
        assert done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}\n{self.said()}"
        return done.stdout

    def said(self):
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
