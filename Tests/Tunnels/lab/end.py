# SPDX-License-Identifier: Apache-2.0
"""One end of a tunnel: a network namespace, and a mount namespace with a Libreswan configuration of its own."""

import os
import subprocess

from support.network import Namespace, run

from .pluto import Pluto

#: As Debian ships them, without the comments.
IPSEC_CONF = "config setup\n\ninclude /etc/ipsec.d/*.conf\n"
IPSEC_SECRETS = "include /etc/ipsec.d/*.secrets\n"


class End:
    """Commands run here see this end's addresses, /etc/ipsec.d, /run/pluto and certificate database."""

    def __init__(self, name, folder):
        self.folder = folder
        self.etc = folder / "ipsec.d"
        self.nss = folder / "nss"
        self.run = folder / "run-pluto"
        for each in [self.etc, self.nss, self.run]:
            each.mkdir(parents=True)
        (folder / "ipsec.conf").write_text(IPSEC_CONF)
        (folder / "ipsec.secrets").write_text(IPSEC_SECRETS)
        self.network = Namespace(f"eig-tunnels-{os.getpid()}-{name}")
        self._holder = None
        try:
            self._hold()
            self.command("ipsec", "checknss")
        except BaseException:
            self.remove()
            raise
        self.pluto = Pluto(self)

    def _hold(self):
        """A process that keeps the mount namespace; it ends with this one."""
        mounts = "".join(f'mount --bind "$0/{ours}" {theirs} && ' for ours, theirs in [
            ("ipsec.conf", "/etc/ipsec.conf"), ("ipsec.secrets", "/etc/ipsec.secrets"), ("ipsec.d", "/etc/ipsec.d"),
            ("nss", "/var/lib/ipsec/nss"), ("run-pluto", "/run/pluto")])
        command = self.network.command("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation",
                                       "private", "sh", "-c",
                                       f"mkdir -p /run/pluto && {mounts} echo held && exec sleep infinity",
                                       str(self.folder))
        self._holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self._holder.stdout.readline() != "held\n":
            raise RuntimeError(f"no mount namespace: {self._holder.stderr.read()}")

    def inside(self, *command):
        """The same command, run at this end."""
        return ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "--wd=/", *map(str, command)]

    def command(self, *command, timeout=30):
        """Runs a command that must succeed, and returns what it said."""
        return run(*self.inside(*command), timeout=timeout)

    def attempt(self, *command, timeout=30):
        """Runs a command that may fail."""
        return subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=timeout, check=False)

    # What is in the kernel.

    def policies(self, source, destination):
        """The XFRM policies between two networks, one line each."""
        text = self.command("ip", "-o", "xfrm", "policy", "list", "src", source, "dst", destination)
        return [" ".join(line.replace("\\", " ").split()) for line in text.splitlines()]

    # Certificates.

    def trust(self, name, certificate):
        """An authority this end's pluto trusts."""
        self.command("certutil", "-A", "-n", name, "-t", "CT,,", "-i", certificate, "-d", "sql:/var/lib/ipsec/nss")

    def own(self, name, identity):
        """A certificate with its key, under this nickname."""
        bundle = self.folder / f"{name}.p12"
        run("openssl", "pkcs12", "-export", "-name", name, "-in", str(identity.certificate),
            "-inkey", str(identity.key), "-passout", "pass:x", "-out", str(bundle))
        self.command("pk12util", "-i", bundle, "-d", "sql:/var/lib/ipsec/nss", "-W", "x", "-K", "")
        bundle.unlink()

    def remove(self):
        if getattr(self, "pluto", None):
            self.pluto.kill()
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()
        self.network.remove()
