# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tunnel scenarios: two ends, each with a Libreswan of its own in namespaces of its own.

They need root and Libreswan; nothing outside those namespaces is touched. The kernel need not have ESP: without it
the key exchange completes and the child SA does not, so the scenarios assert on the IKE SA, on policy traps and on
what was sent in clear text. Packets inside ESP are Tests/VPN's business.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

# Namespaces, certificates and programs of the end-to-end tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

from lab.edge import Edge  # noqa: E402
from lab.pair import Pair  # noqa: E402
from lab.pluto import PLUTO  # noqa: E402
from support.pki import PKI  # noqa: E402
from support.programs import programs  # noqa: E402


def _obstacle():
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    if not PLUTO.exists():
        return "needs Libreswan: run make deps"
    for tool in ["ip", "nsenter", "setpriv", "unshare", "nft", "openssl", "certutil", "pk12util"]:
        if not shutil.which(tool):
            return f"needs {tool}: run make deps"
    return None


def pytest_collection_modifyitems(items):
    why = _obstacle()
    if why:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_sessionstart():
    if _obstacle() is None:
        missing = [name for name in ("jumpd", "eigctl") if not (programs() / name).exists()]
        if missing:
            raise pytest.UsageError(f"{', '.join(missing)} not built in {programs()}: run make build")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A scenario that failed shows what everybody said."""
    outcome = yield
    report = outcome.get_result()
    pair = getattr(item, "pair", None)
    edge = getattr(item, "edge", None)
    if report.failed and edge is not None:
        report.sections.append(("what our programs said", edge.why()))
    if report.failed and pair is not None:
        report.sections.append(("what both plutos said", pair.why()))


@pytest.fixture(scope="session")
def workspace():
    """In memory where there is room; kept if EIG_KEEP is set."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="eig-tunnels-", dir=memory if has_room else None))
    yield folder
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(folder)


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
