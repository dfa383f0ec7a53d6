# SPDX-License-Identifier: Apache-2.0
"""Fixtures: the packages, a root to install them on, and machines; each test has one of its own.

They need root, for containers and network namespaces; nothing outside those is touched.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

# The partners, backends, clients and certificates of the end-to-end tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

from container import packages as built_packages  # noqa: E402
from container import root as root_archive  # noqa: E402
from container.administration import Gate  # noqa: E402
from container.host import Host  # noqa: E402
from container.machine import Machine, obstacle  # noqa: E402
from container.wires import Wires  # noqa: E402
from support.ending import end_in_order  # noqa: E402
from support.pki import PKI  # noqa: E402


def _obstacle():
    if os.geteuid() != 0:
        return "needs root, for containers and network namespaces: run make test-packages"
    for tool, package in {**root_archive.TOOLS, "ip": "iproute2", "nsenter": "util-linux", "nft": "nftables",
                          "openssl": "openssl", "curl": "curl"}.items():
        if not shutil.which(tool):
            return f"needs {tool}: apt-get install {package}, or make test-packages"
    with tempfile.TemporaryDirectory(prefix="eig-try-", dir=_memory()) as folder:
        refused = obstacle(folder)
    if refused:
        return (f"{NO_CONTAINERS} ({refused}); it needs what the host's own root has, outside a chroot: mounts, "
                "control groups, namespaces")
    return None


#: The first words where a machine is asked for and cannot be had.
NO_CONTAINERS = "no container can be booted here"


def _memory():
    """In memory where there is room: what machines write is not worth a disk's time."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30 else None


def pytest_sessionstart():
    end_in_order()
    why = _obstacle()
    if why:
        raise pytest.UsageError(why)
    missing = {*built_packages.NAMES, built_packages.SANDBOX} - built_packages.built().keys()
    if missing:
        raise pytest.UsageError(f"no package {', '.join(sorted(missing))} in {built_packages.folder()}: run make deb")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """The root is made before the first test, whose time it is not: a minute, and on a busy machine more."""
    if session.items and not session.config.option.collectonly:
        _archive(built_packages.built())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that failed shows what its machine said."""
    outcome = yield
    report = outcome.get_result()
    machine = getattr(item, "machine", None)
    if report.failed and machine is not None:
        try:
            report.sections.append(("what the machine said", machine.why()))
        except Exception as error:  # noqa: BLE001 - a report must not hide the failure it is about
            report.sections.append(("what the machine said", f"nothing: {error}"))


@pytest.fixture(scope="session")
def workspace():
    folder = Path(tempfile.mkdtemp(prefix="eig-packages-", dir=_memory()))
    yield folder
    if not os.environ.get("EIG_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def packages():
    """What `make deb` made, by name."""
    return built_packages.built()


@pytest.fixture(scope="session")
def root(packages, workspace):
    """A Debian 12 host that has what our packages need, and not them: no machine here reaches a mirror."""
    return root_archive.unpack(_archive(packages), workspace / "root")


def _archive(packages):
    needed = [name for package in packages.values() for name in package.dependencies]
    cache = Path(os.environ.get("EIG_ROOTS") or built_packages.ROOT / ".build" / "roots")
    return root_archive.archive(cache, needed)


@pytest.fixture(scope="session")
def network():
    network = Wires()
    yield network
    network.remove()


@pytest.fixture(scope="session")
def pki(workspace):
    return PKI(workspace / "pki")


def install(machine, packages, names=built_packages.NAMES, downgrade=False, check=True):
    """As README has it, from files in the current folder."""
    for name in names:
        machine.copy_in(packages[name].path, "/srv/packages")
    words = " ".join(f"./{packages[name].path.name}" for name in names)
    options = "--allow-downgrades" if downgrade else ""
    return machine.shell(f"cd /srv/packages && apt-get install -q -y --no-install-recommends {options} {words}",
                         timeout=90, check=check)


@pytest.fixture(scope="session")
def able(root, network, workspace):
    """Whether a machine can be booted is seen once: where not, nobody waits for each test to find out."""
    machine = Machine([root], workspace / "first", network.edge.name)
    try:
        machine.boot()
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends all of them
        pytest.exit(f"{NO_CONTAINERS}: {error}\n{machine.console()[-2000:]}", returncode=1)
    finally:
        machine.remove()


@pytest.fixture(scope="session")
def installed(able, root, packages, network, workspace):
    """The layer that installing the packages leaves on the root."""
    machine = Machine([root], workspace / "installed", network.edge.name)
    try:
        machine.boot()
        install(machine, packages)
        machine.power_off()
    except BaseException:
        machine.kill()
        raise
    return workspace / "installed" / "upper"


def _machine(request, layers, network, workspace):
    machine = Machine(layers, tempfile.mkdtemp(prefix="machine-", dir=workspace), network.edge.name)
    request.node.machine = machine
    return machine


@pytest.fixture
def blank(request, able, root, network, pki, workspace):
    """A Debian host that never heard of us, running."""
    machine = _machine(request, [root], network, workspace)
    host = Host(machine, network, pki, machine.folder / "host")
    try:
        yield host.boot()
    finally:
        host.close()
        _clear(machine)


@pytest.fixture
def host(request, root, installed, network, pki, workspace):
    """A host with the packages installed and nothing configured, running."""
    machine = _machine(request, [installed, root], network, workspace)
    host = Host(machine, network, pki, machine.folder / "host")
    try:
        yield host.boot()
    finally:
        host.close()
        _clear(machine)


@pytest.fixture
def folder(workspace):
    """For files of this test."""
    return Path(tempfile.mkdtemp(prefix="test-", dir=workspace))


@pytest.fixture
def edge(host):
    """A host that serves its partners, with both backends behind it."""
    host.txn, host.rpt  # noqa: B018 - they listen from here on
    return host.serve()


@pytest.fixture
def gate(edge):
    """An edge whose administrators come through its gate."""
    gate = Gate(edge, edge.machine.folder)
    try:
        yield gate.set_up()
    finally:
        gate.close()


def _clear(machine):
    if not os.environ.get("EIG_KEEP"):
        machine.remove()
