# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenarios. They need root, for network namespaces of their own; nothing outside those is touched."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from support import suite
from support.edge import Edge
from support.network import Network
from support.pki import PKI
from support.suite import Suite, report

SUITE = Suite(["ip", "nsenter", "setpriv", "unshare", "nft", "openssl", "curl"], ["eigd", "jumpd", "eigctl"])


def pytest_sessionstart():
    SUITE.begin()


def pytest_collection_modifyitems(items):
    SUITE.choose(items)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report(item, (yield), edge="what the programs said")


@pytest.fixture(scope="session")
def network():
    network = Network()
    yield network
    network.remove()


@pytest.fixture(scope="session")
def workspace():
    """No scenario depends on the disk, and hundreds of stores do on its speed.

    eigd itself takes no callback where less than 256 MiB are free.
    """
    yield from suite.workspace("eig-test-")


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
    edge = Edge(network, pki, Path(tempfile.mkdtemp(prefix="edge-", dir=workspace)))
    request.node.edge = edge
    yield edge
    edge.close()
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(edge.folder)


@pytest.fixture
def edge(lab):
    """An edge with the default configuration, running, with both backends behind it."""
    lab.txn, lab.rpt  # noqa: B018 - they listen from here on
    return lab.start()
