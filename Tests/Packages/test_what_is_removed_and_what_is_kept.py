# SPDX-License-Identifier: Apache-2.0
"""Removing keeps what was configured and accepted; purging deletes callbacks only when that was asked for."""

import pytest
from conftest import install
from container.packages import NAMES
from support import network

#: What no package manager takes back: its own records, logs, caches, and the accounts Debian keeps.
PASSING = ["/proc", "/sys", "/dev", "/run", "/tmp", "/srv", "/root", "/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log",
           "/var/tmp", "/var/lib/systemd", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/hosts",
           "/etc/.pwd.lock", "/etc/subuid", "/etc/subgid", "/etc/machine-id"]
#: The preseed that says yes to the question of the purge.
YES = "eigd eigd/delete-store boolean true\n"


def tree(machine):
    """Every path of the machine that a package could have left."""
    skipped = " -o ".join(f"-path {path}" for path in PASSING)
    return set(machine.shell(f"find / \\( {skipped} \\) -prune -o -print").out.splitlines())


def accept(edge):
    """One callback that waits in the store: PayFast is not there."""
    assert edge.callback("payfast", "waiting", {"transactionReference": "waiting"}).status == 202


def test_removing_ends_service_and_installing_again_delivers_what_waited(edge, packages):
    accept(edge)
    edge.machine.run("apt-get", "remove", "-q", "-y", *NAMES, timeout=60)
    listening = edge.machine.run("ss", "-Hltn").out
    assert ":8443" not in listening and ":8081" not in listening, listening
    assert not edge.network.answers("stranger", (network.EDGE, 8443))
    for path in ["/etc/eig/eigd.toml", "/etc/eig/partners.d/payfast.toml", "/var/lib/eig/relay.db"]:
        assert edge.machine.exists(path), path
    install(edge.machine, packages)
    edge.delivered(["waiting"])
    assert edge.payfast.call("GET", "/eig/any/1").status == 200


def test_purging_keeps_accepted_callbacks_and_says_where_they_are(edge):
    accept(edge)
    said = edge.machine.run("apt-get", "purge", "-q", "-y", *NAMES, timeout=60)
    assert "/var/lib/eig" in said.out + said.err, said
    assert edge.machine.exists("/var/lib/eig/relay.db")
    # What administrators made is theirs.
    for path in ["/etc/eig/partners.d/payfast.toml", "/etc/eig/identities/edge.key"]:
        assert edge.machine.exists(path), path


def test_purging_leaves_nothing_when_it_was_told_so(blank, packages):
    machine = blank.machine
    before = tree(machine)
    install(machine, packages)
    blank.txn, blank.rpt  # noqa: B018 - they listen from here on
    accept(blank.serve())
    machine.run("debconf-set-selections", input=YES)
    machine.run("apt-get", "purge", "-q", "-y", *NAMES, timeout=60)
    # Partner files, certificates and keys are the administrator's own.
    left = {path for path in tree(machine) - before if not path.startswith("/etc/eig")}
    assert left == set()
    assert not machine.exists("/var/lib/eig")
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def test_purging_what_was_never_configured_leaves_nothing_at_all(blank, packages):
    machine = blank.machine
    before = tree(machine)
    accounts = machine.run("getent", "passwd").out
    install(machine, packages)
    machine.run("apt-get", "purge", "-q", "-y", *NAMES, timeout=60)
    assert tree(machine) - before == set()
    assert before - tree(machine) == set()
    assert machine.run("getent", "passwd").out == accounts


@pytest.mark.parametrize("name", NAMES)
def test_no_file_of_the_administrators_belongs_to_a_package(host, name):
    """So no upgrade ever asks whose version of a file is to be kept."""
    assert host.machine.run("dpkg-query", "-W", "-f", "${Conffiles}", name).out.strip() == ""
