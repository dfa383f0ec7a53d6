# SPDX-License-Identifier: Apache-2.0
"""The partners of a run: for each an authority of its own, a client certificate, an address and a password."""

import hashlib
import shutil
import subprocess
import time
from pathlib import Path

from support.configuration import toml
from support.pki import PKI

SERVER = "edge.eig.example"
#: Certificates are made again after this many seconds; they are good for 30 days.
_AGE_MAX = 7 * 86400
#: Changes with what is made here, so that a folder of an older kind is not used.
_KIND = "2"


class Partners:
    """`count` partners below one folder: the first of them is the same whatever the count."""

    def __init__(self, folder, count):
        self.folder = Path(folder)
        self.count = count
        self.names = [f"p{number:03}" for number in range(1, count + 1)]
        #: The folder edge-load takes the callers' identities from.
        self.identities = self.folder / "identities"
        #: Our own certificate, its key, and who issued it.
        self.certificate = self.folder / "server.pem"
        self.key = self.folder / "server.key"
        self.authority = self.folder / "our-ca.pem"

    def dns(self, name):
        return f"edge.{name}.example"

    @property
    def addresses(self):
        """Where each connects from. With one partner it is the machine's usual 127.0.0.1."""
        if self.count == 1:
            return ["127.0.0.1"]
        return [f"127.0.{1 + index // 250}.{1 + index % 250}" for index in range(self.count)]

    def make(self):
        """Makes what is not there; some hundred openssl commands a second."""
        marker = self.folder / "made"
        mark = f"{_KIND} {self.count}"
        if marker.exists() and marker.read_text() == mark and time.time() - marker.stat().st_mtime < _AGE_MAX:
            return self
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.identities.mkdir(parents=True)
        pki = PKI(self.folder)
        pki.leaf("server", "our-ca", SERVER, usage="serverAuth")
        # It says it is the first partner, and its authority is none of ours.
        pki.leaf("stranger", "stranger-ca", self.dns(self.names[0]))
        # HAProxy reads the chain and its key from one file.
        (self.folder / "server-and-key.pem").write_text(self.certificate.read_text() + self.key.read_text())
        for number, name in enumerate(self.names, 1):
            leaf = pki.leaf(name, f"{name}-ca", self.dns(name))
            shutil.copy(leaf.certificate, self.identities / f"{number:03}.pem")
            shutil.copy(leaf.key, self.identities / f"{number:03}.key")
            (self.identities / f"{number:03}.headers").write_text(
                f"X-USERNAME: {name}\nX-PASSWORD: {password(name)}\n")
        authorities = "".join((self.folder / f"{name}-ca.pem").read_text() for name in self.names)
        (self.folder / "authorities.pem").write_text(authorities)
        (self.folder / "haproxy.map").write_text("".join(f"{self.dns(name)} {name}\n" for name in self.names))
        (self.folder / "nginx.map").write_text("".join(f'"CN={self.dns(name)}" {name};\n' for name in self.names))
        self._write_credentials()
        marker.write_text(mark)
        return self

    def _write_credentials(self):
        """What eigd compares passwords with: salted hashes, as `eigctl credential` makes them."""
        passwords = "".join(password(name) + "\n" for name in self.names)
        done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=passwords, text=True, capture_output=True,
                              check=True)
        hashes = done.stdout.split()
        (self.folder / "credentials").mkdir()
        for name, hashed in zip(self.names, hashes, strict=True):
            file = self.folder / "credentials" / f"{name}.credential"
            file.write_text(f"{name}:{hashed}\n")
            file.chmod(0o600)

    def write_eigd(self, folder, gateway):
        """eigd's configuration folder: `gateway` is its eigd.toml, the partners' files are made here."""
        folder = Path(folder)
        if folder.exists():
            shutil.rmtree(folder)
        for each in ("ca", "identities", "partners.d", "secrets"):
            (folder / each).mkdir(parents=True)
        shutil.copytree(self.folder / "credentials", folder / "credentials")
        shutil.copy(self.certificate, folder / "identities" / "server.pem")
        shutil.copy(self.key, folder / "identities" / "server.key")
        (folder / "eigd.toml").write_text(toml(gateway))
        for name, address in zip(self.names, self.addresses, strict=True):
            shutil.copy(self.folder / f"{name}-ca.pem", folder / "ca" / f"{name}-ca.pem")
            (folder / "partners.d" / f"{name}.toml").write_text(toml({
                "id": name, "name": f"Partner {name}", "roles": ["send"], "owner": "ops@partner.example",
                "ticket": "NET-1",
                "allow": [{"from": [address], "reason": "production egress"}],
                "certificate": [{"ca": f"{name}-ca.pem", "san": self.dns(name)}],
                "credential": {"scheme": "terrapay", "file": f"{name}.credential"},
                # Counted and compared at every request, and high enough to refuse none of this load.
                "limits": {"requests-per-second": 100000, "burst": 1000000, "concurrent": 100000},
            }))


def password(name):
    """What the partner sends as X-PASSWORD: the SHA-256 of its password, in hex."""
    return hashlib.sha256(f"the password of {name}".encode()).hexdigest()
