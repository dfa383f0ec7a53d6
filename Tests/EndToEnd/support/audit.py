# SPDX-License-Identifier: Apache-2.0
"""An audit log as a process of its own, those who report to it, and the log server its copy goes to."""

import contextlib
import json
import re
import socket
import ssl
import subprocess
import threading

from .programs import programs, until


def event(object="eig-01:22", who="anna", kind="session.begin", **details):
    """One event as our programs write it."""
    fields = {"kind": kind, "outcome": "success", "who": who, "how": "certificate 4A sha256:beef",
              "origin": "192.0.2.7:51234", "object": object, "details": {name: str(text) for name, text in details.items()}}
    return json.dumps(fields, separators=(",", ":")).encode()


#: Of whom nobody knows who they are: whoever failed to say, and whoever sends a signal.
NOBODY = {"login.failed", "session.refused", "config.apply", "config.reload"}


def whole(line):
    """Fails unless an event has everything that PCI DSS 4.0.1 asks of one in 10.2.2: who, what, when, with which result,
    from where, on what."""
    fields = ["seq", "ts", "boot_id", "prev", "source", "kind", "outcome", "who", "how", "origin", "object", "details"]
    assert [field for field in line if field != "signature"] == fields, line
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", line["ts"]), line
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", line["kind"]), line
    assert line["outcome"] in ("success", "failure"), line
    assert line["who"] or line["kind"] in NOBODY, line
    assert line["origin"] == "local" or re.fullmatch(r"(\[[0-9a-f:]+\]|[0-9.]+):\d+", line["origin"]), line
    assert line["how"] and line["object"] and line["source"], line


class Audit:
    """`jumpd audit` in a folder, started by hand."""

    def __init__(self, folder, state=None):
        self.folder = folder
        self.etc = folder / "etc"
        self.state = state or folder / "log"
        (self.etc / "identities").mkdir(parents=True)
        (self.etc / "ca").mkdir()
        self.key = self.etc / "identities" / "audit.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True,
                       capture_output=True)
        self.key.chmod(0o640)
        self.public = folder / "audit.pub"
        subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-out", self.public], check=True)
        self.sections = {}
        self.process = None
        self.errors = folder / "audit.err"

    @property
    def events(self):
        return self.folder / "events.sock"

    @property
    def control(self):
        return self.folder / "audit.sock"

    def write(self):
        text = ('[host]\naddresses = ["203.0.113.1"]\n[management]\nfrom = ["192.0.2.0/24"]\nports = [22]\n'
                '[partners]\nports = [8443]\n[internal]\nfrom = ["10.20.0.0/24"]\nports = [8080]\n'
                f'[audit]\nkey = "audit.key"\nfolder = "{self.state}"\ncontrol = "{self.control}"\n'
                f'events = "{self.events}"\n')
        for name, values in self.sections.items():
            text += f"[{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in values.items())
        (self.etc / "jumpd.toml").write_text(text)

    def start(self, *options):
        self.write()
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([programs() / "jumpd", "audit", "--config", self.etc, *options],
                                            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        until(lambda: self.process.poll() is not None or self.answers(), what="the audit log to answer")
        assert self.process.poll() is None, self.errors.read_text()
        return self

    def answers(self):
        # Files that a killed process left behind answer nobody.
        with contextlib.suppress(OSError), Reporter(self), socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.control))
            return True
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(20) == 0, self.errors.read_text()
            for line in self.readable:
                whole(line)

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def files(self):
        return sorted(self.state.glob("audit-*.jsonl"))

    @property
    def lines(self):
        return [json.loads(line) for file in self.files for line in file.read_bytes().splitlines()]

    @property
    def resident(self):
        """Bytes of memory (proc_pid_status(5), VmRSS)."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) * 1024

    @property
    def readable(self):
        """As ``lines``, but for those that something was done to."""
        for file in self.files:
            for line in file.read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    yield json.loads(line)

    @property
    def status(self):
        answer = subprocess.run(["curl", "-sS", "--fail-with-body", "--unix-socket", self.control,
                                 "http://localhost/v1/status"], capture_output=True, check=True)
        return json.loads(answer.stdout)

    def eigctl(self, *words, status=0):
        """What it writes, once it has ended with this status."""
        done = subprocess.run([programs() / "eigctl", *words, "--config", self.etc], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def verify(self, *words, status=0):
        return json.loads(self.eigctl("audit", "verify", "--json", *map(str, words), status=status))


class Reporter:
    """One connection that reports."""

    def __init__(self, audit):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        try:
            self.socket.connect(str(audit.events))
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def report(self, message=None):
        self.socket.send(message or event())
        answer = self.socket.recv(1024)
        if not answer:
            raise ConnectionResetError("the log ended the connection")
        return answer.decode()


class LogServer:
    """Takes syslog over TLS, octet-counted (RFC 5425), and keeps every message.

    `listen` makes its socket each time it is opened; by default one on loopback, whose port stays the same.
    """

    def __init__(self, identity, client_authority=None, listen=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(identity.certificate, identity.key)
        if client_authority:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_authority.certificate)
        self.messages = []
        #: Why connections ended other than in order.
        self.failures = []
        self.connections = 0
        #: Nothing is read while this is not set; and a connection ends once it has so many bytes, in the middle of a frame.
        self.reads = threading.Event()
        self.reads.set()
        self.endure = None
        self.port = None
        self._listen = listen or (lambda: socket.create_server(("127.0.0.1", self.port or 0)))
        self._listener = None
        self._live = []

    def open(self):
        self._listener = self._listen()
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def close(self):
        """Everything at once, as a server that dies: what was received and not read is lost."""
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in self._live:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._live.clear()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listener.accept()
                self._live.append(plain)
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as stream:
                self._live.append(stream)
                self.connections += 1
                buffer = b""
                taken = 0
                while self.reads.wait() and (data := stream.recv(65536)):
                    buffer += data
                    taken += len(data)
                    while b" " in buffer:
                        count, rest = buffer.split(b" ", 1)
                        if len(rest) < int(count):
                            break
                        self.messages.append(rest[:int(count)])
                        buffer = rest[int(count):]
                    if self.endure is not None and taken >= self.endure:
                        return
        except (OSError, ValueError) as error:
            self.failures.append(str(error))

    @property
    def lines(self):
        """The log's lines in the messages, as they came."""
        return [message[message.index(b'{"seq":'):] for message in list(self.messages)]
