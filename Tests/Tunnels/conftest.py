# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tunnel scenarios: two ends, each with a Libreswan of its own in namespaces of its own.

They need root and Libreswan; nothing outside those namespaces is touched. The kernel need not have ESP: without it
the key exchange completes and the child SA does not, so the scenarios assert on the IKE SA, on policy traps and on
what was sent in clear text. Packets inside ESP are Tests/VPN's business.
"""

import sys
import tempfile
from pathlib import Path

import pytest

# Namespaces, certificates and programs of the end-to-end tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

from lab import written  # noqa: E402
from lab.configured import partner, tunnel  # noqa: E402
from lab.edge import Edge  # noqa: E402
from lab.pair import Pair  # noqa: E402
from lab.pluto import PLUTO  # noqa: E402
from support import suite  # noqa: E402
from support.pki import PKI  # noqa: E402
from support.programs import until  # noqa: E402
from support.suite import Suite  # noqa: E402


def pytest_configure(config):
    config.pluginmanager.register(Suite(
        ["ip", "nsenter", "setpriv", "unshare", "nft", "openssl", "certutil", "pk12util"], ["jumpd", "eigctl"],
        lambda: None if PLUTO.exists() else "needs Libreswan: run make deps",
        edge="what our programs said", pair="what both plutos said"))


@pytest.fixture(scope="session")
def workspace():
    with suite.folder("eig-tunnels-", suite.memory()) as folder:
        yield folder


@pytest.fixture(scope="session")
def pki(workspace):
    return PKI(workspace / "pki")


@pytest.fixture
def pair(request, workspace):
    """Both ends, wired; no pluto runs yet."""
    pair = Pair(Path(tempfile.mkdtemp(prefix="pair-", dir=workspace)))
    request.node.pair = pair
    yield pair
    pair.remove()


@pytest.fixture
def plutos(pair):
    """Both ends with their plutos running, without connections."""
    pair.edge.pluto.start()
    pair.partner.pluto.start()
    return pair


@pytest.fixture
def edge(request, pair, pki):
    """Our end with a configuration that has no partner yet, and our programs; nothing runs yet."""
    edge = Edge(pair.edge, pair.edge.folder, pki)
    request.node.edge = edge
    yield edge
    edge.remove()


@pytest.fixture
def one(edge, pair):
    """One tunnel to a partner, its key exchange agreed, and the program that looks after it."""
    edge.configured.partners["acme"] = partner("acme", tunnel())
    edge.configured.write()
    pair.partner.pluto.configure("a.conf", written.theirs())
    pair.partner.pluto.configure("a.secrets", written.secret())
    pair.partner.pluto.start()
    pair.edge.pluto.start()
    edge.start_tunnels()
    until(lambda: pair.edge.pluto.established("p_acme_t1_s1"), what="the key exchange")
    return edge
