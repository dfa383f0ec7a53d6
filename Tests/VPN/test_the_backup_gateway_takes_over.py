# SPDX-License-Identifier: Apache-2.0
"""PayFast's gateway falls silent: its tunnel moves to the other one, and back when an administrator says so."""

import time

import pytest
from lab import network as places
from lab.facts import fact
from lab.transfer import begin
from support.programs import until
from support.server import Server
from support.surroundings import ACKNOWLEDGED

pytestmark = pytest.mark.time_travel

#: dpddelay, then two retransmit-timeouts, and what a look every few seconds may be late.
PATIENCE = 180


def test_the_backup_gateway_takes_over(edge):
    edge.partners["payfast"]["tunnel"][0]["backup-peer"] = places.PAYFAST_BACKUP
    # It waits to be called: a gateway that calls by itself would be heard, and is another story.
    edge.gateway("payfast-b", auto="add")
    transfers = begin(edge)
    beyond = getattr(edge.network, "payfast-b")
    identity = edge.pki.leaf("payfast-callbacks", "payfast-ca", "callbacks.payfast.example", usage="serverAuth")
    server = Server(beyond, places.PAYFAST, 9443, identity, edge.pki.authority("eig-ca"))
    server.behaviour = lambda request: ACKNOWLEDGED
    try:
        edge.network.wire.cut("payfast")
        began = time.monotonic()
        edge.callback("payfast", "while-silent", {"status": "SUCCESS"})
        server.wait(timeout=PATIENCE)
        took = time.monotonic() - began
        assert edge.payfast.from_namespace(beyond, places.PAYFAST).call("GET", "/eig/any/1").status == 200
        status = edge.eigctl("tunnel", "status", "payfast", "--control-tunnels", edge.tunnels.control.path)
        assert places.PAYFAST_BACKUP in status.stdout, status.stdout + status.stderr
    finally:
        server.close()
    edge.network.wire.mend("payfast")
    edge.gateway("payfast-b").kill()
    done = edge.eigctl("tunnel", "restart", "payfast", "t1", "--control-tunnels", edge.tunnels.control.path)
    assert done.returncode == 0, done.stderr
    until(edge.answers, PATIENCE, 0.5, what=f"PayFast's first gateway: {edge.pluto.said()}")
    transfers.run()
    edge.network.wire.assert_no_clear_text()
    fact(f"the primary fell silent: the backup had our callback after {took:.0f} s; 0 packets in clear text")
