# SPDX-License-Identifier: Apache-2.0
"""Each line of the log is sent to a log host, syslog over TLS (RFC 5425), in order, and again when that was away."""

import json
import re

import pytest
from lab import wires as places
from support.audit import LogServer
from support.programs import until

PORT = 6514


def forwarding(lab, name="logs.edge.example"):
    lab.configuration.host["audit"]["forward"] = {"to": f"{places.DATABASE}:{PORT}", "name": name, "ca": "logs-ca.pem"}
    authority = lab.pki.authority("logs-ca")
    (lab.folder / "etc" / "ca").mkdir(exist_ok=True)
    (lab.folder / "etc" / "ca" / "logs-ca.pem").write_bytes(authority.certificate.read_bytes())
    return lab


@pytest.fixture
def host(wires, pki):
    host = LogServer(pki.leaf("logs", "logs-ca", "logs.edge.example", usage="serverAuth"),
                     listen=lambda: wires.backends.listen((places.DATABASE, PORT)))
    yield host
    host.close()


def same(gate, host):
    """Whether the log host has every line of the log, in order, as it is here."""
    here = gate.events()
    seen = {}
    for line in map(json.loads, host.lines):
        seen.setdefault(line["seq"], line)
    return len(here) > 3 and [seen.get(line["seq"]) for line in here] == here


def test_every_line_arrives_in_order(lab, host):
    host.open()
    gate = forwarding(lab).start()
    gate.grant("eig-01:22")
    gate.anna.ssh("true")
    until(lambda: same(gate, host), 10, 0.1, what="the log host to have it all")
    # RFC 5424: priority, version 1, a time, a host, a name.
    assert all(re.match(rb"<\d+>1 2\d{3}-", message) for message in host.messages), host.messages[0]


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
