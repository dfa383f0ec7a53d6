# SPDX-License-Identifier: Apache-2.0
"""Pluto does not do what it is told: the operator hears of it, and the program goes on towards what was applied."""

import pytest

from lab.configured import partner, tunnel
from support.programs import until

ADDCONN = "/usr/libexec/ipsec/addconn"


@pytest.fixture
def deaf(pair):
    """An addconn at our end that says nothing and does nothing as long as the file is there."""
    folder = pair.edge.folder
    mute = folder / "mute"
    pair.edge.command("cp", ADDCONN, folder / "addconn-real")
    program = folder / "addconn"
    program.write_text(f"""#!/bin/sh
case "$*" in
    */state/load.conf*) [ ! -e {mute} ] || exit 0 ;;
esac
exec {folder}/addconn-real "$@"
""")
    program.chmod(0o755)
    pair.edge.command("mount", "--bind", program, ADDCONN)
    return mute


def lifetime(pair):
    lines = "\n".join(pair.edge.pluto.connections.get("p_acme_t1_s1", {"lines": []})["lines"])
    return "ipsec_life: 1800s" in lines and 1800 or "ipsec_life: 3600s" in lines and 3600


def test_it_goes_on_towards_what_was_applied(deaf, edge, pair):
    edge.configured.partners["acme"] = partner("acme", tunnel())
    edge.configured.write()
    pair.edge.pluto.start()
    edge.start_tunnels()
    assert lifetime(pair) == 3600

    deaf.touch()
    edge.configured.partners["acme"]["tunnel"][0]["esp-lifetime"] = "30m"
    status, document = edge.ask("apply")
    assert (status, document["error"]["code"]) == (500, "partly_applied"), document
    assert "ipsec_life" in document["error"]["message"] and "eigctl apply" in document["error"]["hint"]
    assert lifetime(pair) == 3600 and b'salifetime="1800s"' in edge.files["eig-acme.conf"]
    status, document = edge.ask("plan")
    assert [change["text"] for change in document["changes"]] == ["tunnel t1: an earlier apply did not end"]

    # Nobody says anything more: it looks again by itself, and not for what was there before.
    deaf.unlink()
    # As if pluto had been started anew: then it looks within seconds.
    (pair.edge.run / "pluto.pid").touch()
    until(lambda: lifetime(pair) == 1800, timeout=45, every=0.1, what="the next look")
    assert edge.ask("plan")[1]["changes"] == []
    assert pair.edge.pluto.connections["p_acme_t1_s1"]["state"] == "prospective erouted"
