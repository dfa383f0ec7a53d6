# SPDX-License-Identifier: Apache-2.0
"""`eigctl tunnel down` holds across applies and starts of either program, until `up`, which says whose word it ends."""

import re

import pytest
from support.programs import until

NAME = "p_acme_t1_s1"


@pytest.mark.usefixtures("one")
def test_down_up_and_restart(edge, pair):
    def said(verb):
        done = edge.eigctl("tunnel", verb, "acme", "t1", "--control-tunnels", edge.tunnels_control.path)
        assert done.returncode == 0, done
        return done.stdout

    # Nobody took it down.
    assert said("up") == "acme t1: asked for\n"
    assert said("down") == "~ acme: tunnel t1: taken down\n"
    assert pair.edge.pluto.connections == {}
    assert said("down") == "acme t1: is down\n"

    # It stays down: by the next apply, by the program's next start, by pluto's.
    assert edge.ask("plan")[1]["changes"] == [] and edge.apply() == []
    edge.stop_tunnels()
    edge.start_tunnels()
    assert pair.edge.pluto.connections == {}
    pair.edge.pluto.stop()
    pair.edge.pluto.start()
    assert [change["text"] for change in edge.apply()] == ["tunnel t1: taken down"]
    assert pair.edge.pluto.connections == {}

    told = said("up")
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"~ acme: tunnel t1: up again; it was taken down {when} by uid 0\n", told), told
    until(lambda: pair.edge.pluto.established(NAME), what="the key exchange after up")

    # While pluto does not run, the word is kept, and that is said.
    pair.edge.pluto.stop()
    assert "pluto does not run" in said("down")
    told = said("up")
    assert "up again" in told and "pluto does not run" in told
    pair.edge.pluto.start()
    assert pair.edge.pluto.connections[NAME]["state"] == "prospective erouted"

    # A restart ends a hold, too.
    said("down")
    assert said("restart") == "~ acme: tunnel t1: loaded anew\n"
    until(lambda: pair.edge.pluto.established(NAME), what="the key exchange after the restart")
    assert edge.ask("plan")[1]["changes"] == []
