# SPDX-License-Identifier: Apache-2.0
"""Callers: Python's ssl on sockets in a partner's namespace, and the curl and openssl programs."""

import http.client
import json
import ssl
import subprocess

from . import network

HOST = "edge.eig.example"
PORT = 8443


class Response:
    def __init__(self, response):
        self.status = response.status
        self.fields = response.getheaders()
        self.body = response.read()

    def field(self, name):
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} is repeated: {values}"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:300]!r}>"


class Connection:
    """One connection that says exactly the bytes it is given."""

    def __init__(self, connection):
        self.connection = connection

    def send(self, data):
        self.connection.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def response(self, method="GET"):
        """The next answer, by Python's own parser."""
        response = http.client.HTTPResponse(self.connection, method=method)
        response.begin()
        return Response(response)

    def request(self, method, path, body=None, fields=(), host=HOST):
        self.send(render(method, path, body, fields, host))
        return self.response(method)

    def rest(self, timeout=None):
        """Every byte until the peer ends the connection; a reset is an end, too. `timeout` is for each silence."""
        if timeout:
            self.connection.settimeout(timeout)
        received = b""
        while True:
            try:
                part = self.connection.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLError):
                return received
            if not part:
                return received
            received += part

    def is_closed(self, timeout=5):
        """Whether the peer ended the connection, without a byte before."""
        self.connection.settimeout(timeout)
        try:
            return self.connection.recv(1) == b""
        except (ConnectionResetError, ssl.SSLEOFError):
            return True
        except TimeoutError:
            return False

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def render(method, path, body=None, fields=(), host=HOST):
    """A request with Content-Length, or none where there is no body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"] + [f"{name}: {value}" for name, value in fields]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunked(method, path, parts, fields=(), host=HOST, trailers=b""):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Transfer-Encoding: chunked"]
    lines += [f"{name}: {value}" for name, value in fields]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailers + b"\r\n"


class Caller:
    """A partner as a client: where it is, what it shows, whom it trusts."""

    def __init__(self, namespace, identity, authority, source=None, fields=()):
        self.namespace = namespace
        self.identity = identity
        self.authority = authority
        self.source = source
        #: Credential fields that go with every request of `call` and `curl`.
        self.fields = list(fields)

    def with_identity(self, identity):
        return Caller(self.namespace, identity, self.authority, self.source, self.fields)

    def from_namespace(self, namespace, source=None):
        return Caller(namespace, self.identity, self.authority, source, self.fields)

    def context(self, version=None):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.set_alpn_protocols(["http/1.1"])
        if self.identity:
            context.load_cert_chain(self.identity.certificate, self.identity.key)
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def connect(self, host=HOST, address=network.EDGE, version=None, timeout=10):
        """A TLS session with the edge. With TLS 1.3 a refused certificate shows on the first read."""
        plain = self.namespace.connect((address, PORT), self.source, timeout)
        try:
            return Connection(self.context(version).wrap_socket(plain, server_hostname=host))
        except BaseException:
            plain.close()
            raise

    def call(self, method, path, body=None, fields=()):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.request(method, path, body, [*self.fields, *fields])

    def curl(self, *arguments, path="/eig/gsma/transactions"):
        """The curl program: (exit code, status, body, what it said)."""
        command = ["curl", "-sS", "--max-time", "10", "--noproxy", "*", "-w", "\n%{http_code}",
                   "--resolve", f"{HOST}:{PORT}:{network.EDGE}", "--cacert", str(self.authority.certificate)]
        if self.identity:
            command += ["--cert", str(self.identity.certificate), "--key", str(self.identity.key)]
        if self.source:
            command += ["--interface", self.source]
        for name, value in self.fields:
            command += ["-H", f"{name}: {value}"]
        done = subprocess.run(self.namespace.command(*command, *arguments, f"https://{HOST}:{PORT}{path}"),
                              capture_output=True, text=True, timeout=30, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return CurlResult(done.returncode, int(status or 0), body, done.stderr)

    def s_client(self, *arguments, request=b""):
        """The openssl program's own client; all it printed."""
        command = ["openssl", "s_client", "-connect", f"{network.EDGE}:{PORT}", "-servername", HOST,
                   "-CAfile", str(self.authority.certificate), "-verify_return_error", "-ign_eof"]
        if self.identity:
            command += ["-cert", str(self.identity.certificate), "-key", str(self.identity.key)]
        done = subprocess.run(self.namespace.command(*command, *arguments), input=request, capture_output=True,
                              timeout=20, check=False)
        return (done.stdout + done.stderr).decode(errors="replace")


class Returner:
    """A caller that keeps its TLS session between connections, as clients with a session cache do."""

    def __init__(self, caller, version=None):
        self.caller = caller
        self.session = None
        # A session belongs to one context.
        self._context = caller.context(version)
        self._context.check_hostname = False

    def connect(self, host=HOST, source=None, session=None):
        """A connection that offers the session kept, or the one given."""
        plain = self.caller.namespace.connect((network.EDGE, PORT), source or self.caller.source, 10)
        try:
            return Connection(self._context.wrap_socket(plain, server_hostname=host, session=session or self.session))
        except BaseException:
            plain.close()
            raise

    def call(self, method="GET", path="/eig/any/1", host=HOST, **options):
        """One request on a connection of its own: the answer, and whether the session was resumed."""
        with self.connect(host, **options) as connection:
            answer = connection.request(method, path, None, self.caller.fields, host)
            # TLS 1.3 servers send what a client needs to come back after the handshake (RFC 8446 §4.6.1).
            if connection.connection.session.has_ticket or connection.connection.version() != "TLSv1.3":
                self.session = connection.connection.session
            answer.is_resumed = connection.connection.session_reused
            answer.has_ticket = connection.connection.session.has_ticket
            return answer


class CurlResult:
    def __init__(self, code, status, body, error):
        self.code = code
        self.status = status
        self.body = body
        self.error = error

    def __repr__(self):
        return f"<curl {self.code} {self.status} {self.body!r} {self.error!r}>"
