# SPDX-License-Identifier: Apache-2.0
"""What of our traffic goes out in clear text while the peer does not answer, by how a connection is started."""

import pytest

from lab import written
from support.programs import until


def loaded(pair, start):
    pair.edge.pluto.configure("a.conf", written.ours(auto=start))
    pair.edge.pluto.configure("a.secrets", written.secret())
    pair.edge.pluto.start()
    pair.edge.pluto.load()


def test_a_trap_holds_the_packets_and_asks_the_peer(pair):
    loaded(pair, "ondemand")
    assert pair.edge.pluto.connections["acme"]["state"] == "prospective erouted"
    assert len(pair.edge.policies("10.20.0.0/24", "172.16.5.0/24")) == 1
    with pair.witness() as witness:
        pair.send(5)
        assert witness.clear_text() == []
        # The packet that sprang the trap: pluto asks the peer.
        until(witness.asked, timeout=2, what="an IKE message")
        assert witness.clear_text() == []


@pytest.mark.parametrize("start", ["add", "start"])
def test_without_a_trap_they_all_leave(pair, start):
    """Why nothing but `auto=ondemand` is ever written; and the witness is one."""
    loaded(pair, start)
    with pair.witness() as witness:
        pair.send(5)
        assert len(witness.clear_text()) == 3 * 5
