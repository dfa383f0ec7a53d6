# SPDX-License-Identifier: Apache-2.0
"""Each line of the log is sent to a log host, syslog over TLS (RFC 5425), in order, and again when that was away."""

import json
import socket
import ssl
import threading

import pytest
from lab import wires as places
from support.programs import until

PORT = 6514


class LogHost:
    """Takes frames of RFC 5425, `LENGTH SP MESSAGE`, and keeps the messages."""

    def __init__(self, namespace, identity):
        self.namespace = namespace
        self.messages = []
        self.failures = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(identity.certificate, identity.key)
        self.listener = None
        self.connections = set()

    def open(self):
        self.listener = self.namespace.listen((places.DATABASE, PORT))
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()
        return self

    def close(self):
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self, listener):
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[plain], daemon=True).start()

    def _serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as connection:
                self.connections.add(connection)
                stream = connection.makefile("rb")
                while length := _length(stream):
                    message = stream.read(length)
                    if len(message) < length:
                        return
                    self.messages.append(message.decode())
        except (OSError, ValueError) as error:
            self.failures.append(str(error))

    @property
    def lines(self):
        """The log's own lines in what was sent, as objects."""
        return [json.loads(message[message.index('{"seq":'):]) for message in list(self.messages)]


def _length(stream):
    digits = b""
    while (byte := stream.read(1)) not in (b"", b" "):
        digits += byte
    return int(digits) if digits else 0


def forwarding(lab, name="logs.edge.example"):
    lab.configuration.host["audit"]["forward"] = {"to": f"{places.DATABASE}:{PORT}", "name": name, "ca": "logs-ca.pem"}
    authority = lab.pki.authority("logs-ca")
    (lab.folder / "etc" / "ca").mkdir(exist_ok=True)
    (lab.folder / "etc" / "ca" / "logs-ca.pem").write_bytes(authority.certificate.read_bytes())
    return lab


@pytest.fixture
def host(wires, pki):
    host = LogHost(wires.backends, pki.leaf("logs", "logs-ca", "logs.edge.example", usage="serverAuth"))
    yield host
    host.close()


def same(gate, host):
    """Whether the log host has every line of the log, in order, as it is here."""
    here = gate.events()
    seen = {}
    for line in host.lines:
        seen.setdefault(line["seq"], line)
    return len(here) > 3 and [seen.get(line["seq"]) for line in here] == here


def test_every_line_arrives_in_order(lab, host):
    host.open()
    gate = forwarding(lab).start()
    gate.grant("eig-01:22")
    gate.anna.ssh("true")
    until(lambda: same(gate, host), 10, 0.1, what="the log host to have it all")
    # RFC 5424: priority, version 1, a time, a host, a name.
    assert all(message.startswith("<") and ">1 2" in message[:12] for message in host.messages), host.messages[0]


def test_what_it_missed_is_sent_when_it_is_back(lab, host):
    gate = forwarding(lab).start()
    gate.grant("eig-01:22")
    assert gate.anna.ssh("true").code == 0
    host.open()
    until(lambda: same(gate, host), 60, 0.2, what="the log host to have what it missed")
    host.close()
    gate.anna.ssh("true")
    gate.audit.kill()
    gate.start_audit()
    host.open()
    until(lambda: same(gate, host), 60, 0.2, what="the log host to have it all, over a crash")


def test_another_host_gets_nothing(lab, host):
    host.open()
    gate = forwarding(lab, name="other.edge.example").start()
    gate.grant("eig-01:22")
    assert gate.anna.ssh("true").code == 0
    until(lambda: host.failures, 10, 0.1, what="it to try")
    assert host.messages == []
