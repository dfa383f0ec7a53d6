# SPDX-License-Identifier: Apache-2.0
"""An administrator at a machine of their own: certificate, ssh, psql and curl as Debian has them, nothing of ours."""

import json
import ssl
import subprocess
import time

from support import network
from support.client import Connection
from support.programs import PATIENCE, programs

from . import access
from .servers import OPERATOR

DATABASES = ["txn-db", "old-db", "nowhere-db", "eig-01"]
#: As eigctl jump ssh-config --openssl has it: ssh skips the lines before the other side's version (RFC 4253 section 4.2).
OPENSSL = ("sh -c '{{ printf \"CONNECT %%s:%%s HTTP/1.1\\r\\nHost: %%s\\r\\n\\r\\n\" %h %p %h; cat; }} | "
           "{{ openssl s_client -quiet -nocommands -verify_quiet -verify_return_error -CAfile {authority} "
           "-verify_hostname {name} -servername {name} -cert {certificate} -key {key} -connect {name}:{port}; "
           "kill $$ 2>/dev/null; }}'")
EIGCTL = "{eigctl} jump connect %h:%p --gate {name}:{port} --cert {certificate} --key {key} --ca {authority}"
SOCAT = ("sh -c '{{ printf \"CONNECT %%s:%%s HTTP/1.1\\r\\nHost: %%s\\r\\n\\r\\n\" %h %p %h; cat; }} | "
         "{{ socat - OPENSSL:{name}:{port},cafile={authority},cert={certificate},key={key}; kill $$ 2>/dev/null; }}'")


class Done:
    """How a command ended, what it said, and how long it took in seconds."""

    def __init__(self, done, took):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr
        self.took = took

    @property
    def was_at_once(self):
        """It waited for nothing: any timeout of ours is longer, and starting programs takes a busy machine less."""
        return self.took < 3 * PATIENCE

    def __repr__(self):
        return f"<{self.code} after {self.took:.2f} s: {self.out[-1500:]!r} {self.err[-1500:]!r}>"


class Administrator:
    def __init__(self, gate, name, identity, source=None):
        self.gate = gate
        self.name = name
        self.identity = identity
        self.source = source
        self.authority = gate.configuration.authority
        self.place = gate.wires.admin
        self.folder = gate.folder / "people" / f"{name}-{source or 'any'}"
        self.folder.mkdir(parents=True)
        names = " ".join([access.NAME, *(f"{each}.{access.NAME}" for each in DATABASES)])
        self.hosts = self.folder / "hosts"
        self.hosts.write_text(f"127.0.0.1 localhost\n{network.EDGE} {names}\n")
        self._started = []

    # Commands.

    def command(self, *words):
        return self.place.command("unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"',
                                  str(self.hosts), *(str(word) for word in words))

    def run(self, *words, timeout=60, check=False, **options):
        began = time.monotonic()
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=timeout, check=False,
                              **{"stdin": subprocess.DEVNULL, **options} if "input" not in options else options)
        result = Done(done, time.monotonic() - began)
        assert not check or result.code == 0, (words, result)
        return result

    def start(self, *words, **options):
        """A command that goes on beside the test, and is ended with it."""
        process = subprocess.Popen(self.command(*words), **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE,
                                                           "stderr": subprocess.PIPE, **options})
        self._started.append(process)
        return process

    # ssh and its family.

    def ssh_config(self, proxy=OPENSSL):
        path = self.folder / "ssh_config"
        path.write_text("Host *\n" + "".join(f"    {line}\n" for line in [
            *self.gate.servers.sshd.options(), "BatchMode yes", "ConnectTimeout 15",
            "ProxyCommand " + self.fill(proxy)]))
        return path

    def fill(self, text):
        return text.format(eigctl=programs() / "eigctl", name=access.NAME, port=access.PORT,
                           authority=self.authority.certificate, certificate=self.identity.certificate,
                           key=self.identity.key)

    def ssh(self, *words, proxy=OPENSSL, target="eig-01", **options):
        return self.run("ssh", "-F", self.ssh_config(proxy), target, *words, **options)

    # The other clients.

    def curl(self, *arguments, timeout=60):
        """curl through the gate as a proxy that asks for a certificate."""
        through = ["--proxy", f"https://{access.NAME}:{access.PORT}", "--proxy-cert", self.identity.certificate,
                   "--proxy-key", self.identity.key, "--proxy-cacert", self.authority.certificate, "--proxytunnel"]
        return self.run("curl", "-sS", "--max-time", 20, "--noproxy", "", *through, *arguments, timeout=timeout)

    def dsn(self, database, **changes):
        words = {"host": f"{database}.{access.NAME}", "port": access.PORT, "user": OPERATOR, "dbname": "postgres",
                 "sslmode": "verify-full", "sslrootcert": self.authority.certificate,
                 "sslcert": self.identity.certificate, "sslkey": self.identity.key, "connect_timeout": 10, **changes}
        return " ".join(f"{name}={value}" for name, value in words.items() if value is not None)

    def psql(self, database, sql, timeout=60, **changes):
        return self.run("psql", "-XAtq", self.dsn(database, **changes), "-c", sql, timeout=timeout)

    def eigctl(self, *words, **options):
        """Our own command, where somebody has it: it speaks to the gate's port."""
        where = ["--gate", f"{access.NAME}:{access.PORT}", "--cert", self.identity.certificate,
                 "--key", self.identity.key, "--ca", self.authority.certificate]
        return self.run(programs() / "eigctl", *words, *where, **options)

    # The interface, with curl.

    def api(self, method, path, body=None, fields=()):
        """The status and the document."""
        words = ["curl", "-sS", "--max-time", 10, "--noproxy", "*", "--http1.1", "-X", method,
                 "--cacert", self.authority.certificate, "--cert", self.identity.certificate,
                 "--key", self.identity.key, "-w", "\n%{http_code}"]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "--data-binary", json.dumps(body)]
        for field in fields:
            words += ["-H", field]
        if self.source:
            words += ["--interface", self.source]
        done = self.run(*words, f"https://{access.NAME}:{access.PORT}{path}")
        assert done.code == 0, done
        text, _, status = done.out.rpartition("\n")
        return int(status), json.loads(text) if text.startswith("{") else text

    def request(self, *targets, minutes=60, reason="a look at the laboratory", ticket="CHG-1"):
        """Asks for a grant; its id."""
        status, document = self.api("POST", "/v1/grants", {"targets": list(targets), "minutes": minutes,
                                                          "reason": reason, "ticket": ticket})
        assert status in (200, 201), (status, document)
        return document.get("grant", document)["id"]

    def decide(self, grant, verb, expect=200, note="seen"):
        status, document = self.api("POST", f"/v1/grants/{grant}/{verb}", {"note": note})
        assert status == expect, (status, document)
        return document

    # A connection of one's own making.

    def context(self, version=None):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        if self.identity:
            context.load_cert_chain(self.identity.certificate, self.identity.key)
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def plain(self, source=None, address=network.EDGE):
        return self.place.connect((address, access.PORT), source or self.source)

    def connect(self, source=None, address=network.EDGE, context=None):
        """A TLS session with the gate."""
        plain = self.plain(source, address)
        try:
            return Connection((context or self.context()).wrap_socket(plain, server_hostname=access.NAME))
        except BaseException:
            plain.close()
            raise

    def tunnel(self, target="eig-01:22", context=None, source=None):
        """A connection with a target through the gate; what the target says first is not read yet."""
        connection = self.connect(context=context, source=source)
        connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            part = connection.connection.recv(1)
            assert part, head
            head += part
        assert head.startswith(b"HTTP/1.1 200 "), head
        return connection

    def close(self):
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
