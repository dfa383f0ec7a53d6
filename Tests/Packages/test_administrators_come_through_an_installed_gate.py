# SPDX-License-Identifier: Apache-2.0
"""The gate as it is installed: off until it is enabled, then a shell through it, over restarts, and gone when purged."""

from conftest import install
from container.administration import DROP_IN, UNITS, VERIFY
from container.packages import NAMES
from lab.access import PORT
from support import network
from support.programs import until


def test_a_shell_through_it_and_a_refusal_in_the_log(gate):
    anna, grant = gate.granted()
    done = gate.shell(anna)
    assert (done.code, done.out) == (0, "operator\n"), done
    assert gate.shell(gate.person("mallory")).code == 255
    shown = gate.machine.run("eigctl", "audit", "tail").out
    assert "session.begin" in shown and grant in shown and "session.refused" in shown, shown
    assert gate.machine.run(*VERIFY).code == 0
    # Each as itself, with nothing it does not need.
    for unit, user in [("jumpd.service", "jump"), ("jumpd-audit.service", "eig-audit")]:
        pid = gate.machine.main_pid(unit)
        fields = gate.machine.read(f"/proc/{pid}/status")
        assert str(gate.machine.run("ps", "-o", "user=", "-p", pid)) == user
        assert "CapEff:\t0000000000000000" in fields and "NoNewPrivs:\t1" in fields, fields
    assert str(gate.machine.run("stat", "--format=%a %U", "/var/lib/eig-audit")) == "700 eig-audit"
    assert str(gate.machine.run("stat", "--format=%a %U", "/var/lib/eig-jump")) == "700 jump"


def test_grants_outlive_a_restart_and_a_crash(gate):
    anna, _ = gate.granted()
    gate.machine.systemctl("restart", "jumpd.service", timeout=60)
    assert gate.shell(anna).code == 0
    for unit in UNITS:
        gate.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", unit)
        until(lambda unit=unit: gate.machine.is_active(unit), 20, 0.1, what=f"{unit} to be back")
    until(lambda: gate.shell(anna).code == 0, 20, 0.5, what="a shell")
    assert gate.machine.run(*VERIFY).code == 0


def test_who_connects_waits_for_a_log_that_was_killed(gate):
    anna, _ = gate.granted()
    live = gate.live(anna)
    for text in ["first", "second"]:
        gate.machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", "jumpd-audit.service")
        done = gate.shell(anna)
        assert (done.code, done.out) == (0, "operator\n"), done
        assert live.types(text) == text
    assert gate.machine.run(*VERIFY).code == 0


def test_a_reload_takes_a_good_file_and_refuses_a_bad_one(gate):
    anna, _ = gate.granted()
    gate.machine.shell("cp /etc/eig/jumpd.toml /srv/good && echo 'unknown = 1' >>/etc/eig/jumpd.toml")
    refused = gate.machine.systemctl("reload", "jumpd.service", check=False)
    assert refused.code != 0
    assert gate.shell(anna).code == 0
    gate.machine.shell("cat /srv/good >/etc/eig/jumpd.toml")
    gate.machine.systemctl("reload", "jumpd.service")
    assert gate.shell(anna).code == 0


def test_it_listens_where_its_file_says(gate):
    """And says so where it does not, until systemd was told, too."""
    machine, rule = gate.machine, gate.configuration.host["gate"]
    anna, _ = gate.granted()
    assert machine.read(DROP_IN).splitlines()[1:] == ["[Socket]", "ListenStream=", f"ListenStream=0.0.0.0:{PORT}",
                                                      f"ListenStream=[::]:{PORT}"]
    assert gate.listening() == {f"0.0.0.0:{PORT}", f"[::]:{PORT}"}
    assert "differ" not in machine.run("eigctl", "status", check=False).out
    # One of this host's, and one that the network gives it later.
    rule["listen"] = [f"{network.EDGE}:{PORT}", f"[2001:db8:77::1]:{PORT}"]
    gate.host.write()
    applied = machine.run("eigctl", "apply", timeout=60)
    assert "but not where it listens: eigctl setup --yes" in applied.out, applied
    differ = "jumpd.toml [gate] listen and the sockets of jumpd.socket differ"
    assert differ in machine.run("eigctl", "status", check=False).out
    until(lambda: differ in machine.status("jumpd.service"), 10, 0.2, what="systemctl status to say so")
    assert differ in gate.host.logged(identifier="jumpd", event="listen_differs")["message"]
    assert gate.shell(anna).code == 0

    said = machine.run("eigctl", "setup", "--yes").out
    assert f"changed   {DROP_IN}" in said and "eigd.service" not in said, said
    machine.shell("systemctl try-restart jumpd.socket jumpd.service", timeout=60)
    assert gate.listening() == {f"{network.EDGE}:{PORT}", f"[2001:db8:77::1]:{PORT}"}
    assert differ not in machine.run("eigctl", "status", check=False).out
    assert gate.shell(anna).code == 0

    # Without a gate its address is nobody's again.
    for table in ["gate", "admin", "role", "target"]:
        del gate.configuration.host[table]
    gate.host.write()
    said = machine.run("eigctl", "setup", "--yes").out
    assert f"removed   {DROP_IN}" in said, said
    machine.shell("systemctl disable --now jumpd.service jumpd.socket jumpd-control.socket")
    assert gate.listening() == set()
    assert machine.state == "running", machine.run("systemctl", "--failed").out


def test_installed_again_it_lets_in_again(gate, packages):
    anna, _ = gate.granted()
    gate.machine.run("apt-get", "remove", "-q", "-y", *NAMES, timeout=60)
    assert gate.listening() == set()
    install(gate.machine, packages)
    assert gate.shell(anna).code == 0
    assert gate.machine.run(*VERIFY).code == 0


def test_removing_closes_it_and_purging_keeps_what_was_written_down(gate):
    gate.granted()
    assert gate.machine.exists(DROP_IN)
    said = gate.machine.run("apt-get", "purge", "-q", "-y", *NAMES, timeout=60)
    assert f":{PORT}" not in gate.machine.run("ss", "-Hltn").out
    assert "/var/lib/eig-audit" in said.out + said.err and "/var/lib/eig-jump" in said.out + said.err, said
    assert gate.machine.shell("ls /var/lib/eig-audit | wc -l").out.strip() != "0"
    assert gate.machine.exists("/var/lib/eig-jump/access.db")
    assert not gate.machine.exists(DROP_IN.rpartition("/")[0])
