# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenarios. They need root, for network namespaces of their own; nothing outside those is touched."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from support.edge import Edge
from support.ending import end_in_order
from support.network import Network
from support.pki import PKI
from support.programs import programs


def _obstacle():
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    for tool in ["ip", "nsenter", "setpriv", "unshare", "nft", "openssl", "curl"]:
        if not shutil.which(tool):
            return f"needs {tool}: run make deps"
    return None


def pytest_collection_modifyitems(items):
    why = _obstacle()
    if why:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_sessionstart():
    end_in_order()
    if _obstacle() is None:
        missing = [name for name in ("eigd", "jumpd", "eigctl") if not (programs() / name).exists()]
        if missing:
            raise pytest.UsageError(f"{', '.join(missing)} not built in {programs()}: run make build")


@pytest.fixture(scope="session")
def network():
    network = Network()
    yield network
    network.remove()


@pytest.fixture(scope="session")
def workspace():
    """In memory where there is room: no scenario depends on the disk, and hundreds of stores do on its speed.

    eigd itself takes no callback where less than 256 MiB are free.
    """
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="eig-test-", dir=memory if has_room else None))
    yield folder
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pki(workspace):
    return PKI(workspace / "pki")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A scenario that failed shows what the programs said."""
    outcome = yield
    report = outcome.get_result()
    edge = getattr(item, "edge", None) or getattr(item.parent, "edge", None)
    if report.failed and edge is not None:
        report.sections.append(("what the programs said", edge.why()))


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
