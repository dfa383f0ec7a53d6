# SPDX-License-Identifier: Apache-2.0
"""What a host does by itself, each in its unit's sandbox: a backup that comes back, a look at certificates, metrics."""

import re

COLLECTOR = "/var/lib/prometheus/node-exporter"
TIMERS = ["eig-backup.timer", "eig-certificates.timer", "eig-metrics.timer", "eig-review.timer"]
GATEWAY = ["eigd.service", "eigd.socket", "eigd-internal.socket", "eigd-control.socket"]


def run(machine, unit):
    """Runs a unit as its timer does; it ended well."""
    machine.systemctl("start", unit, timeout=60)
    found = machine.unit(unit, "Result", "ExecMainStartTimestampMonotonic", "ConditionResult")
    assert (found["Result"], found["ConditionResult"]) == ("success", "yes"), machine.status(unit)
    assert int(found["ExecMainStartTimestampMonotonic"]) > 0, machine.status(unit)


def test_they_are_started_with_the_host(host):
    for timer in TIMERS:
        assert host.machine.property(timer, "UnitFileState") == "enabled", timer
    listed = host.machine.systemctl("list-timers", "--all", "--no-legend").out
    assert "eig-backup.timer" in listed and "eig-certificates.timer" in listed, listed
    # Nothing is there to be looked after yet: nothing fails.
    for timer in TIMERS:
        host.machine.systemctl("start", timer.replace(".timer", ".service"))
    assert host.machine.state == "running", host.machine.run("systemctl", "--failed").out


def test_a_backup_brings_a_host_back_with_what_waits(edge):
    machine = edge.machine
    # PayFast does not listen yet.
    assert edge.callback("payfast", "waiting", {"transactionReference": "waiting"}).status == 202
    run(machine, "eig-backup.service")
    [archive] = machine.run("ls", "/var/backups/eig").out.split()
    assert str(machine.run("stat", "--format=%a %U:%G", "/var/backups/eig")) == "700 root:root"
    assert str(machine.run("stat", "--format=%a %U:%G", f"/var/backups/eig/{archive}")) == "600 root:root"
    # All of it is lost but the archive; then what docs/operations/backup.md says.
    machine.systemctl("stop", *GATEWAY)
    machine.shell("rm -rf /etc/eig/* /var/lib/eig/*")
    machine.run("eigctl", "restore", "--yes", f"/var/backups/eig/{archive}")
    machine.run("eigctl", "check")
    machine.run("eigctl", "setup", "--yes")
    machine.systemctl("start", *GATEWAY)
    machine.run("eigctl", "apply")
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    edge.delivered(["waiting"])


def test_certificates_that_end_soon_are_in_the_journal(edge):
    # Every certificate here ends after thirty days or sooner.
    run(edge.machine, "eig-certificates.service")
    entries = edge.entries("-u", "eig-certificates.service")
    assert [entry for entry in entries if re.search(r"server|identities/edge\.pem", str(entry["message"]))], entries
    assert edge.entries("PARTNER=payfast", "-u", "eig-certificates.service"), entries


def test_the_enforcers_numbers_reach_the_collector(edge):
    machine = edge.machine
    machine.run("mkdir", "-p", COLLECTOR)
    run(machine, "eig-metrics.service")
    numbers = machine.read(f"{COLLECTOR}/jumpd.prom")
    assert re.search(r'^eig_program_up\{[^}]*enforce[^}]*\} 1$', numbers, re.M), numbers[:2000]


def test_a_support_bundle_has_what_this_host_says_and_no_key(edge):
    machine = edge.machine
    assert edge.payfast.call("GET", "/eig/any/1").status == 200
    machine.run("eigctl", "support-bundle", "--output", "/srv/bundle.tar.gz", timeout=60)
    machine.shell("mkdir /srv/bundle && tar -xzf /srv/bundle.tar.gz -C /srv/bundle --strip-components=1")
    for name, part in [("units.txt", "Id=eigd.service"), ("journal/eigd.txt", "serving 2 partners"),
                       ("journal/jumpd-enforce.txt", "allow"), ("nft.txt", "table inet eig"),
                       ("status.json", "payfast"), ("configuration/eigd.toml", "[listen]")]:
        assert part in machine.read(f"/srv/bundle/{name}"), (name, machine.read(f"/srv/bundle/{name}")[:500])
    # The first line of the key behind its heading.
    secrets = [machine.read("/etc/eig/identities/edge.key").splitlines()[1],
               machine.read("/etc/eig/credentials/payfast.credential").strip().partition(":")[2]]
    for secret in secrets:
        found = machine.run("grep", "-r", "-F", "-l", "-e", secret, "/srv/bundle", check=False)
        assert found.code == 1, found
