# SPDX-License-Identifier: Apache-2.0
"""Requests of every kind on one connection, in pieces of every size: each gets its own answer, in order.

Some are refused, some have large answers, some find a backend that closes instead of keeping the connection or dies
instead of answering; one that waits for room or for an end of a stream must never hold up the next for good.
"""

import random
import select
import ssl

import pytest

from support.client import HOST, PORT, chunked, render
from support.network import EDGE
from support.server import DROP, Answer, Raw

KINDS = ["post", "chunked", "get", "head", "large", "closing", "unknown", "refused", "dies"]


class Pipe:
    """A TLS session in one thread that sends while it reads, as no blocking socket does."""

    def __init__(self, caller):
        self.socket = caller.namespace.connect((EDGE, PORT), caller.source, 10)
        self.socket.setblocking(False)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = caller.context().wrap_bio(self.incoming, self.outgoing, server_hostname=HOST)
        self.unsent, self.received, self.has_ended = b"", b"", False
        self._until(self._is_greeted)

    def _is_greeted(self):
        try:
            self.session.do_handshake()
            return True
        except ssl.SSLWantReadError:
            return False

    def _until(self, is_done):
        while not is_done():
            assert not self.has_ended, "the connection ended"
            self._turn()
        self._turn(timeout=0)

    def _turn(self, timeout=10):
        self.unsent += self.outgoing.read()
        writable = [self.socket] if self.unsent else []
        readable, writable, _ = select.select([self.socket], writable, [], timeout)
        assert readable or writable or timeout == 0, "nothing moves any more"
        if writable:
            self.unsent = self.unsent[self.socket.send(self.unsent):]
        if readable:
            data = self.socket.recv(65536)
            if not data:
                self.has_ended = True
            self.incoming.write(data)

    def send(self, data):
        self.session.write(data)

    def read(self, count):
        while len(self.received) < count and not self.has_ended:
            try:
                self.received += self.session.read(65536)
            except ssl.SSLWantReadError:
                self._turn()
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            byte = self.read(1)
            assert byte, f"the connection ended after {line!r}"
            line += byte
        return line[:-2]

    def answer(self, has_body):
        status = int(self.line().split()[1])
        fields = {}
        while line := self.line():
            name, _, value = line.decode().partition(":")
            fields[name.lower()] = value.strip()
        body = b""
        if has_body and fields.get("transfer-encoding") == "chunked":
            while size := int(self.line(), 16):
                body += self.read(size)
                self.line()
            self.line()
        elif has_body:
            body = self.read(int(fields["content-length"]))
        return status, fields, body

    def close(self):
        self.socket.close()


def behave(request):
    token, kind = request.field("X-Token"), request.field("X-Kind")
    body = f"{token} {len(request.body)} {sum(request.body)}".encode()
    if kind == "dies":
        return DROP
    if kind == "closing":
        return Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
    if kind == "large":
        body += b" " * 400_000
    return Answer(200, body, chunked=kind == "chunked", has_body=request.method != "HEAD")


def compose(chance, token, kind, caller):
    body = chance.randbytes(chance.choice([0, 1, 40, 5000]))
    fields = [*caller.fields, ("X-Token", token), ("X-Kind", kind)]
    path = "/nowhere" if kind == "unknown" else "/eig/any/thing"
    if kind == "refused":
        fields = [(name, "0" * 64 if name == "X-PASSWORD" else value) for name, value in fields]
    if kind in ("get", "head"):
        return render(kind.upper(), path, None, fields), b""
    if kind == "chunked":
        parts = [body[at:at + 999] for at in range(0, len(body), 999)]
        return chunked("POST", path, parts, fields), body
    return render("POST", path, body, fields), body


def check(kind, token, body, answer):
    status, _, received = answer
    expected = {"unknown": [404], "refused": [401, 429], "dies": [502]}.get(kind, [200])
    assert status in expected, (kind, token, answer)
    if status == 200 and kind != "head":
        assert received.split() == f"{token} {len(body)} {sum(body)}".encode().split(), (kind, token)


@pytest.mark.parametrize("seed", range(12))
def test_pipelined_requests_each_get_their_own_answer(lab, seed):
    lab.txn.behaviour = behave
    lab.start()
    for turn in range(4):
        chance = random.Random(seed * 100 + turn)
        kinds = chance.choices(KINDS, k=chance.randint(2, 12))
        requests = [(kind, f"{turn}-{index}") for index, kind in enumerate(kinds)]
        composed = [compose(chance, token, kind, lab.payfast) for kind, token in requests]
        wire = b"".join(data for data, _ in composed)
        pipe = Pipe(lab.payfast)
        try:
            while wire:
                size = chance.choice([1, 7, 100, 1500, 16000, 100000])
                pipe.send(wire[:size])
                wire = wire[size:]
            for (kind, token), (_, body) in zip(requests, composed, strict=True):
                check(kind, token, body, pipe.answer(has_body=kind != "head"))
        finally:
            pipe.close()
