# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenarios. They need root, for network namespaces of their own; nothing outside those is touched."""

import pytest

from support import suite
from support.audit import Audit
from support.edge import Edge
from support.network import Network
from support.pki import PKI
from support.suite import Suite


def pytest_configure(config):
    config.pluginmanager.register(Suite(["ip", "nsenter", "setpriv", "unshare", "nft", "openssl", "curl"],
                                        ["eigd", "jumpd", "eigctl"], edge="what the programs said"))


@pytest.fixture(scope="session")
def network():
    network = Network()
    yield network
    network.remove()


@pytest.fixture(scope="session")
def workspace():
    # eigd itself takes no callback where less than 256 MiB are free.
    with suite.folder("eig-test-", suite.memory()) as folder:
        yield folder


@pytest.fixture(scope="session")
def pki(workspace):
    return PKI(workspace / "pki")


@pytest.fixture
def lab(request, network, pki, workspace):
    """An edge that is configured but not started: for scenarios that change the configuration first."""
    yield from _edge(request, network, pki, workspace)


@pytest.fixture(scope="module")
def module_lab(request, network, pki, workspace):
    """The same for all tests of a module: for tables whose cases leave no trace."""
    yield from _edge(request, network, pki, workspace)


def _edge(request, network, pki, workspace):
    with suite.folder("edge-", workspace) as folder:
        request.node.edge = edge = Edge(network, pki, folder)
        yield edge
        edge.close()


@pytest.fixture
def edge(lab):
    """An edge with the default configuration, running, with both backends behind it."""
    lab.txn, lab.rpt  # noqa: B018 - they listen from here on
    return lab.start()


@pytest.fixture
def audit(tmp_path):
    """An audit log of its own, not started."""
    audit = Audit(tmp_path)
    yield audit
    audit.stop()
