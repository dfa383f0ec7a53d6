# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server that records what it is sent and misbehaves on request: backends, partners' endpoints."""

import json
import socket
import ssl
import threading
import time

from .programs import PATIENCE


class Request:
    """One request as it arrived."""

    def __init__(self, method, target, fields, body, connection):
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.connection = connection
        self.at = time.monotonic()

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def field(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} is repeated: {values}"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.method} {self.target} {self.body[:60]!r}>"


class Answer:
    """An answer to send: whole, chunked, without the body it announces (to HEAD), or cut short after some bytes."""

    def __init__(self, status=200, body=b"", fields=(), chunked=False, after=0, cut=None, has_body=True):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.fields = list(fields)
        self.chunked = chunked
        self.after = after
        self.cut = cut
        self.has_body = has_body

    def bytes(self):
        fields = list(self.fields)
        if self.chunked:
            fields.append(("Transfer-Encoding", "chunked"))
            half = len(self.body) // 2
            parts = [part for part in (self.body[:half], self.body[half:]) if part]
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        else:
            if self.status not in (204, 304):
                fields.append(("Content-Length", str(len(self.body))))
            body = self.body
        head = f"HTTP/1.1 {self.status} Whatever\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
        whole = head.encode() + b"\r\n" + (body if self.has_body else b"")
        return whole if self.cut is None else whole[:self.cut]


class Raw:
    """Bytes to send as they are; then the connection ends."""

    def __init__(self, data=b""):
        self.data = data


#: The connection ends without a byte of an answer.
DROP = Raw()


class Server:
    """Listens in a namespace. `behaviour(request)` makes each answer; `requests` holds what came, in order."""

    def __init__(self, namespace, address, port, identity=None, client_authority=None):
        self.namespace = namespace
        self.address = (address, port)
        self.requests = []
        self.handshake_failures = []
        self.behaviour = lambda request: Answer(200, {"ok": True}, [("Content-Type", "application/json")])
        self._changed = threading.Condition()
        self._listener = None
        self._connections = set()
        self._tls = None
        if identity:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(identity.certificate, identity.key)
            if client_authority:
                self._tls.load_verify_locations(client_authority.certificate)
                self._tls.verify_mode = ssl.CERT_REQUIRED
        self.open()

    def open(self):
        assert self._listener is None
        self._listener = self.namespace.listen(self.address)
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self):
        """Stops listening and ends every connection, as a dying program does."""
        listener, self._listener = self._listener, None
        if listener:
            # A thread in accept() keeps the socket listening after close(): shutdown() ends both.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def wait(self, count=1, timeout=15, where=lambda request: True):
        """The first `count` requests that fit, as soon as they are there."""
        timeout *= PATIENCE
        with self._changed:
            done = self._changed.wait_for(lambda: len([r for r in self.requests if where(r)]) >= count, timeout)
            found = [request for request in self.requests if where(request)]
        assert done, f"waited {timeout} s for {count} requests at {self.address}, saw {found}"
        return found

    def matching(self, where):
        with self._changed:
            return [request for request in self.requests if where(request)]

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        self._connections.add(connection)
        stream = None
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._upgrade(connection)
            stream = connection.makefile("rb")
            while self._exchange(connection, stream):
                pass
        except (OSError, ValueError):
            pass
        finally:
            self._connections.discard(connection)
            _end(connection, stream)

    def _upgrade(self, connection):
        plain = connection
        try:
            connection = self._tls.wrap_socket(plain, server_side=True)
        except ssl.SSLError as error:
            self.handshake_failures.append(str(error))
            raise
        finally:
            self._connections.discard(plain)
        self._connections.add(connection)
        return connection

    def _exchange(self, connection, stream):
        request = read_request(connection, stream)
        if request is None:
            return False
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        answer = self.behaviour(request)
        if isinstance(answer, Raw):
            connection.sendall(answer.data)
            return False
        if answer.after:
            time.sleep(answer.after)
        connection.sendall(answer.bytes())
        return answer.cut is None


def _end(connection, stream):
    """Closes at once: a stream made of a socket would keep it open, and so would whoever still holds a request."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    if stream:
        stream.close()
    connection.close()


def read_request(connection, stream):
    """Reads one request by the letter of RFC 9112; anything odd is an error of the program under test."""
    line = stream.readline(65536)
    if not line:
        return None
    method, target, version = line.decode("ascii").removesuffix("\r\n").split(" ")
    if version != "HTTP/1.1":
        raise ValueError(line)
    fields = []
    while (line := stream.readline(65536)) != b"\r\n":
        name, _, value = line.decode("latin-1").removesuffix("\r\n").partition(":")
        if not name or name != name.strip():
            raise ValueError(line)
        fields.append((name, value.strip(" \t")))
    lengths = [value for name, value in fields if name.lower() == "content-length"]
    codings = [value for name, value in fields if name.lower() == "transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise ValueError(f"two framings: {fields}")
    if any(name.lower() == "expect" for name, _ in fields):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = b""
    if lengths:
        body = stream.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            raise ValueError("the body ends early")
    elif codings:
        while size := int(stream.readline(1024), 16):
            part = stream.read(size + 2)
            if len(part) < size + 2:
                raise ValueError("the body ends early")
            body += part[:-2]
        if stream.readline(1024) != b"\r\n":
            raise ValueError("trailers were not dropped")
    return Request(method, target, fields, body, connection)
