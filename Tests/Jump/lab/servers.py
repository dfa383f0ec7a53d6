# SPDX-License-Identifier: Apache-2.0
"""What administrators look after: OpenSSH's sshd, a PostgreSQL cluster and an HTTPS server, each as it is installed."""

import os
import shutil
import subprocess
from pathlib import Path

from support import network
from support.network import run
from support.programs import until
from support.server import Server

from . import wires

#: The account on the host and in the database.
OPERATOR = "operator"
#: Where the newest PostgreSQL's programs are, or nothing.
POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
_UID = 64207


class Sshd:
    """A host with one account, whose files are its own: nothing of this machine's accounts is used or touched."""

    def __init__(self, namespace, folder):
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        for name in ["host", "person"]:
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        (folder / "authorized").write_bytes((folder / "person.pub").read_bytes())
        kind, key, *_ = (folder / "host.pub").read_text().split()
        (folder / "known_hosts").write_text("".join(f"{name} {kind} {key}\n" for name in ["eig-01", "localhost"]))
        (folder / "passwd").write_text("root:x:0:0::/root:/bin/sh\nsshd:x:64206:64206::/run/sshd:/usr/sbin/nologin\n"
                                       f"{OPERATOR}:x:{_UID}:{_UID}::{self.home}:/bin/sh\n")
        (folder / "group").write_text(f"root:x:0:\n{OPERATOR}:x:{_UID}:\n")
        # No password fits, and the account is not locked.
        (folder / "shadow").write_text(f"root:*:1::::::\nsshd:*:1::::::\n{OPERATOR}:*:1::::::\n")
        os.chown(self.home, _UID, _UID)
        (folder / "sshd_config").write_text("\n".join([
            f"ListenAddress {wires.HOST}", f"HostKey {folder}/host", f"AuthorizedKeysFile {folder}/authorized",
            "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PidFile none", "LogLevel VERBOSE",
            "MaxStartups 200", "Subsystem sftp internal-sftp", ""]))
        inside = ('for each in passwd group shadow; do mount --bind "$0/$each" "/etc/$each"; done; '
                  "mount -t tmpfs tmpfs /run; mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e -f \"$0/sshd_config\"")
        with open(folder / "log", "ab") as log:
            self.process = subprocess.Popen(namespace.command("unshare", "-m", "sh", "-ec", inside, str(folder)),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        _listens(namespace, (wires.HOST, 22), self.process, folder / "log")

    def options(self):
        """What a client's ssh_config needs to log in."""
        return [f"User {OPERATOR}", f"IdentityFile {self.folder}/person", "IdentitiesOnly yes",
                f"UserKnownHostsFile {self.folder}/known_hosts", "GlobalKnownHostsFile none", "StrictHostKeyChecking yes"]

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Postgres:
    """A cluster on two addresses that offers TLS to who asks for it."""

    def __init__(self, namespace, folder, identity):
        folder.mkdir()
        for source, name in [(identity.certificate, "server.crt"), (identity.key, "server.key")]:
            shutil.copy(source, folder / name)
        for path in [folder, *folder.iterdir()]:
            shutil.chown(path, "postgres", "postgres")
        (folder / "server.key").chmod(0o600)
        self.log = folder / "log"
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data = folder / "data"
        run(*as_postgres, str(POSTGRES / "initdb"), "--no-sync", "--auth=trust", f"--username={OPERATOR}", "-D",
            str(data), cwd="/")
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write(f"host all all {network.INSIDE}/32 trust\n")
        settings = {"listen_addresses": f"{wires.DATABASE},{wires.DATABASE_TLS}", "fsync": "off",
                    "unix_socket_directories": "", "ssl": "on", "ssl_cert_file": f"{folder}/server.crt",
                    "ssl_key_file": f"{folder}/server.key"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                namespace.command(*as_postgres, str(POSTGRES / "postgres"), "-D", str(data), *words), cwd="/",
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        _listens(namespace, (wires.DATABASE, 5432), self.process, self.log)

    def close(self):
        # As its manual has it: SIGINT ends sessions and then the server.
        self.process.send_signal(2)
        self.process.wait(20)


class Servers:
    def __init__(self, wired, pki, folder):
        folder.mkdir()
        # PostgreSQL's own user has to get to its folder.
        folder.chmod(0o711)
        self.namespace = wired.backends
        self._open = []
        try:
            self.sshd = self._keep(Sshd(self.namespace, folder / "sshd"))
            identity = pki.leaf("txn-db", "db-ca", "txn-db.inside", usage="serverAuth")
            self.postgres = self._keep(Postgres(self.namespace, folder / "postgres", identity))
            web = pki.leaf("rpt-01", "eig-ca", "rpt-01", usage="serverAuth")
            self.web = self._keep(Server(self.namespace, network.RPT, 443, web))
        except BaseException:
            self.close()
            raise

    def _keep(self, server):
        self._open.append(server)
        return server

    def close(self):
        for server in reversed(self._open):
            server.close()


def _listens(namespace, address, process, log):
    def listens():
        assert process.poll() is None, log.read_text()
        try:
            namespace.connect(address).close()
        except OSError:
            return False
        return True
    until(listens, 15, 0.05, what=f"{address} to listen: {log.read_text()}")
