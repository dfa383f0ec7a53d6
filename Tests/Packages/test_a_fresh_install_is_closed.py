# SPDX-License-Identifier: Apache-2.0
"""After `apt install` nothing listens, nothing is filtered, and every file has the rights it needs and no more."""

from conftest import install

#: Unit, whether it is enabled, whether it is active.
UNITS = [
    ("eig-lockdown.service", "enabled", "inactive"),
    ("jumpd-enforce.service", "enabled", "inactive"),
    ("jumpd-enforce.socket", "enabled", "inactive"),
    ("jumpd-tunnels.service", "enabled", "inactive"),
    ("jumpd-tunnels.socket", "enabled", "inactive"),
    ("eigd.service", "enabled", "inactive"),
    ("eigd.socket", "enabled", "inactive"),
    ("eigd-internal.socket", "enabled", "inactive"),
    ("eigd-control.socket", "enabled", "inactive"),
    # A host may do without a gate.
    ("jumpd.service", "disabled", "inactive"),
    ("jumpd.socket", "disabled", "inactive"),
    ("jumpd-control.socket", "disabled", "inactive"),
    ("jumpd-audit.service", "disabled", "inactive"),
    ("jumpd-audit.socket", "disabled", "inactive"),
    ("jumpd-audit-control.socket", "disabled", "inactive"),
]
#: Path, mode, owner; the folders hold nothing that is not listed or made from a template.
FILES = [
    ("/etc/eig", "750", "root:eig"),
    ("/etc/eig/ca", "750", "root:eig"),
    ("/etc/eig/credentials", "750", "root:eig"),
    ("/etc/eig/identities", "750", "root:eig"),
    ("/etc/eig/partners.d", "750", "root:eig"),
    ("/etc/eig/secrets", "750", "root:eig"),
    ("/usr/bin/eigctl", "755", "root:root"),
    ("/usr/sbin/eigd", "755", "root:root"),
    ("/usr/sbin/jumpd", "755", "root:root"),
]
MANUALS = ["man1/eigctl.1.gz", "man5/eig-partner.5.gz", "man5/eigd.toml.5.gz", "man5/jumpd.toml.5.gz",
           "man8/eigd.8.gz", "man8/jumpd.8.gz"]
#: What other programs of the host look for, and what alerts name.
FOR_OTHERS = ["bash-completion/completions/eigctl", "doc/eigctl/copyright", "doc/eigd/changelog.gz",
              "doc/eigctl/examples/payfast.toml.example", "doc/eigd/operations/monitoring.md", "eigctl/eigd.toml",
              "eigctl/jumpd.toml", "eigd/grafana/eig.json", "eigd/prometheus/eig.rules.yml", "eigd/prometheus/scrape.yml"]


def listening(machine):
    return machine.run("ss", "--no-header", "--listening", "--tcp", "--udp", "--numeric").out


def test_installing_opens_and_filters_nothing(blank, packages):
    machine = blank.machine
    before = listening(machine)
    said = install(machine, packages)
    assert listening(machine) == before
    assert machine.run("nft", "list", "ruleset").out.strip() == ""
    assert machine.state == "running", machine.run("systemctl", "--failed").out
    # No question was asked, nothing went wrong on the way.
    assert "error" not in (said.out + said.err).lower(), said
    for name, enabled, active in UNITS:
        found = machine.unit(name, "UnitFileState", "ActiveState")
        assert (found["UnitFileState"], found["ActiveState"]) == (enabled, active), (name, found)
    # The reason is named where an administrator looks first.
    assert "/etc/eig/" in machine.status("eigd.service"), machine.status("eigd.service")


def test_every_file_has_its_owner_and_mode(host, packages):
    machine = host.machine
    for path, mode, owner in FILES:
        assert str(machine.run("stat", "--format=%a %U:%G", path)) == f"{mode} {owner}", path
    shipped = machine.shell("dpkg -L eigd jumpd eigctl | sort -u | grep -v ^diverted").out.split()
    loose = machine.shell("stat --format='%a %U:%G %F %n' -- " + " ".join(shipped)).out.splitlines()
    for line in loose:
        mode, owner, _ = line.split(" ", 2)
        if "symbolic link" not in line:
            # Nobody but the owner writes; nothing runs with another's rights.
            assert int(mode, 8) & 0o7022 == 0, line
        assert owner == "root:root" or "/etc/eig" in line or "/run/eig" in line, line
    assert machine.run("dpkg", "--verify", "eigd", "jumpd", "eigctl").out == ""


def test_its_users_can_do_nothing_else(host):
    machine = host.machine
    for user in ["eig", "eig-enforce", "jump", "eig-audit"]:
        fields = machine.run("getent", "passwd", user).out.strip().split(":")
        assert int(fields[2]) < 1000 and fields[6] == "/usr/sbin/nologin", fields
        assert machine.run("getent", "shadow", user).out.split(":")[1][0] in "!*", user


def test_each_program_and_file_has_its_manual_and_what_others_look_for_is_there(host):
    for path in [*(f"man/{page}" for page in MANUALS), *FOR_OTHERS]:
        assert host.machine.exists(f"/usr/share/{path}"), path


def test_each_service_has_its_bounds(host):
    """That the kernel holds them is seen where it has the controllers; in a container of these tests it has none."""
    for unit in ["eigd", "jumpd", "jumpd-audit", "jumpd-enforce", "jumpd-tunnels", "eig-lockdown", "eig-backup",
                 "eig-certificates", "eig-metrics", "eig-review"]:
        bounds = host.machine.unit(f"{unit}.service", "MemoryMax", "TasksMax", "LimitCORE", "LimitNOFILE")
        assert all(value.isdigit() for value in bounds.values()), (unit, bounds)
        assert int(bounds["MemoryMax"]) <= 3 << 30 and int(bounds["TasksMax"]) <= 512, (unit, bounds)


def test_the_programs_run_without_anything_of_a_developer(host):
    for program in ["eigd", "jumpd", "eigctl"]:
        said = host.machine.run(program, "--version")
        assert program in said.out, said
