# SPDX-License-Identifier: Apache-2.0
"""Fixtures in the guest. Everything ends with the guest; what one scenario leaves, the next of its file would meet."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from lab.edge import TunnelEdge
from lab.network import TunnelNetwork
from lab.pki import MadePKI

__all__ = ["edge", "enforceable", "folder", "network", "pki", "pytest_runtest_makereport", "unguarded",
           "warm"]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A scenario that failed shows what the programs said."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and call.when == "call":
        for path in sorted(Path("/tmp").glob("scenario-*/**/*")):
            if path.suffix in (".log", ".err") or path.name == "log":
                report.sections.append((str(path), path.read_text(errors="replace")[-2500:]))


@pytest.fixture(scope="session", autouse=True)
def warm():
    """Where the clock jumps, waiting for the disk takes any time: what programs are made of is read beforehand."""
    if "time-travel" in Path("/proc/cmdline").read_text():
        subprocess.run("find /usr/bin /usr/sbin /usr/lib /usr/libexec -type f -exec cat {} + >/dev/null", shell=True,
                       check=False, timeout=None)


@pytest.fixture
def network():
    """Another for each scenario: what its predecessor left half said would be said in clear text in its successor's."""
    network = TunnelNetwork()
    yield network
    network.remove()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return MadePKI(os.environ["EIG_PKI"], tmp_path_factory.mktemp("pki"))


@pytest.fixture
def edge(enforceable, network, pki, folder):
    """Configured, and nothing of it started."""
    edge = TunnelEdge(network, pki, folder)
    yield edge
    edge.close()


@pytest.fixture
def unguarded(network, pki, folder):
    """An edge without the enforcer, on any kernel."""
    edge = TunnelEdge(network, pki, folder, guarded=False)
    yield edge
    edge.close()


@pytest.fixture(scope="session")
def enforceable():
    """The kernel can do what the enforcer asks of it: not every kernel for User-mode Linux that lies about can."""
    rules = ["add table inet t", "add chain inet t c", "add rule inet t c ct mark set 1"]
    # Without a bound of its own: this may be the first look at a disk, and a clock that jumps.
    tried = subprocess.run(["unshare", "--net", "nft", "-f", "-"], input="\n".join(rules), capture_output=True,
                           text=True, check=False)
    if "not supported" in tried.stderr:
        pytest.skip("this kernel has no marks for connections, which the enforcer lives by; deps/uml.sh makes one")
    assert tried.returncode == 0, tried.stderr


@pytest.fixture
def folder():
    """For files of this scenario."""
    return Path(tempfile.mkdtemp(prefix="scenario-"))
