# SPDX-License-Identifier: Apache-2.0
"""A network of one address which is our gateway's own: Libreswan leaves it out of what it says, and it is read as that.

The partner's gateway in its own network is refused: IKE itself would go into the tunnel.
"""

import pytest

from lab import written
from lab.configured import partner, tunnel
from lab.pair import EDGE
from support.programs import until


@pytest.mark.parametrize("others", [[], ["10.20.0.0/24"]])
def test_it_is_a_tunnel_like_any_other(edge, pair, others):
    ours, theirs = [f"{EDGE}/32", *others], ["172.16.5.0/24"]
    edge.configured.partners["acme"] = partner("acme", tunnel(local_subnets=ours, remote_subnets=theirs))
    edge.configured.write()
    pairs = [(local, remote) for local in ours for remote in theirs]
    pair.partner.pluto.configure("a.conf", "".join(
        written.theirs(f"edge{number}", network=remote, rightsubnet=local)
        for number, (local, remote) in enumerate(pairs)))
    pair.partner.pluto.configure("a.secrets", written.secret())
    pair.partner.pluto.start()
    pair.edge.pluto.start()
    edge.start_tunnels()

    connections = pair.edge.pluto.connections
    assert len(connections) == len(pairs)
    assert all(connection["state"] == "prospective erouted" for connection in connections.values()), connections
    for local, remote in pairs:
        assert pair.edge.policies(local, remote), (local, remote)
    until(lambda: any(pair.edge.pluto.established(name) for name in connections), what="the key exchange")

    # It is read back as what it is: there is nothing to mend, not now and not after a start of either.
    serials = {name: connection["serial"] for name, connection in connections.items()}
    assert edge.ask("plan")[1]["changes"] == [] and edge.apply() == []
    edge.stop_tunnels()
    edge.start_tunnels()
    assert {name: connection["serial"] for name, connection in pair.edge.pluto.connections.items()} == serials
    pair.edge.pluto.stop()
    pair.edge.pluto.start()
    assert edge.ask("plan")[1]["changes"] == [] and edge.apply() == []
    assert len(pair.edge.pluto.connections) == len(pairs)

    edge.configured.partners = {}
    edge.apply()
    assert pair.edge.pluto.connections == {}
    assert not any(pair.edge.policies(local, remote) for local, remote in pairs)
