# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the gate's scenarios: administrators with stock clients, real servers, and a gate between them.

They need root, for network namespaces of their own; nothing outside those is touched.
"""

import os
import sys
from pathlib import Path

import pytest

# Namespaces, certificates and programs of the end-to-end tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
# sshd is in none of a plain user's folders.
os.environ["PATH"] += ":/usr/sbin"

from lab.gate import Gate  # noqa: E402
from lab.servers import POSTGRES, Servers  # noqa: E402
from lab.wires import Wires  # noqa: E402
from support import suite  # noqa: E402
from support.pki import PKI  # noqa: E402
from support.suite import Suite  # noqa: E402


def pytest_configure(config):
    config.pluginmanager.register(Suite(
        ["ip", "nsenter", "setpriv", "unshare", "openssl", "curl", "ssh", "sshd", "scp", "sftp", "rsync", "psql", "socat",
         "ansible"],
        ["jumpd", "eigctl"], lambda: None if POSTGRES else "needs postgresql-15: run make test",
        gate="what the programs said"))


@pytest.fixture(scope="session")
def wires():
    wires = Wires()
    yield wires
    wires.remove()


@pytest.fixture(scope="session")
def workspace():
    with suite.folder("eig-jump-", suite.memory()) as folder:
        # PostgreSQL's own user has to get to its folder.
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def pki(workspace):
    return PKI(workspace / "pki")


@pytest.fixture(scope="session")
def servers(wires, pki, workspace):
    """What is administered; the same for all scenarios."""
    servers = Servers(wires, pki, workspace / "servers")
    yield servers
    servers.close()


@pytest.fixture
def lab(request, wires, pki, servers, workspace):
    """A gate that is configured but not started: for scenarios that change the configuration first."""
    # It has the address to itself: the module's own pauses meanwhile, with its grants on disk.
    standing = getattr(request.node.parent, "gate", None)
    if standing:
        standing.pause()
    yield from _gate(request, wires, pki, servers, workspace)
    if standing:
        standing.go_on()


@pytest.fixture(scope="module")
def module_gate(request, wires, pki, servers, workspace):
    """A running one for all tests of a module: for tables whose cases leave no trace."""
    for gate in _gate(request, wires, pki, servers, workspace):
        yield gate.start()


def _gate(request, wires, pki, servers, workspace):
    with suite.folder("gate-", workspace) as folder:
        request.node.gate = gate = Gate(wires, pki, folder, servers)
        yield gate
        gate.close()


@pytest.fixture
def gate(lab):
    """A gate with the default configuration, running."""
    return lab.start()
