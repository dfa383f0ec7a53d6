# SPDX-License-Identifier: Apache-2.0
"""The numbers of tunnels are what rules, dashboard and guide rely on."""

from support.metrics import Page, relied_on
from lab.configured import partner, tunnel


def test_every_name_is_there(edge, pair):
    edge.configured.partners["acme"] = partner("acme", tunnel())
    edge.configured.write()
    pair.edge.pluto.start()
    edge.start_tunnels()
    done = edge.eigctl("metrics", "tunnels", "--control-tunnels", f"{edge.configured.run}/tunnels.sock")
    assert done.returncode == 0, done.stderr
    page = Page(done.stdout)
    relied_on(page, lambda name: name.startswith("eig_tunnel"))
    assert page.sum("eig_tunnel_up", partner="acme", tunnel="t1") == 0
