# SPDX-License-Identifier: Apache-2.0
"""On the gate's own host an account is a person and root is nobody: who logged in counts against them, never for."""

import json
import os
import subprocess

import pytest
from support.programs import programs

#: Accounts that every Debian has.
ANNA, BEN, STRANGER = "games", "man", "backup"


@pytest.fixture
def gate(lab):
    lab.configuration.one("admin", "anna")["login"] = ANNA
    lab.configuration.one("admin", "ben")["login"] = BEN
    # Accounts of their own have to get to the socket.
    lab.folder.chmod(0o711)
    return lab.start()


def uid(account):
    return int(subprocess.check_output(["id", "-u", account]))


def as_account(gate, account, *words, before=None, kernel_knows=False):
    """eigctl by an account of the gate's host, as sudo or the kernel has who logged in before."""
    environment = {name: value for name, value in os.environ.items() if name != "SUDO_UID"}
    login = []
    if before and kernel_knows:
        login = ["sh", "-c", f'echo {uid(before)} > /proc/self/loginuid && exec "$@"', "sh"]
    elif before:
        environment["SUDO_UID"] = str(uid(before))
    become = [] if account == "root" else ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]
    command = [*login, *become, str(programs() / "eigctl"), *words, "--control-jump", gate.control.path]
    return subprocess.run(gate.wires.edge.command(*command), capture_output=True, text=True, timeout=30, check=False,
                          env=environment)


def last(gate, kind):
    return gate.told(kind=kind)


def test_an_account_is_a_person_and_nobody_decides_on_their_own(gate):
    asked = as_account(gate, ANNA, "grant", "request", "eig-01:22", "--for", "30m", "--reason", "a look", "--ticket", "C-1")
    grant = asked.stdout.split(":")[0]
    own = as_account(gate, ANNA, "grant", "approve", grant)
    assert own.returncode == 3 and "somebody else decides" in own.stderr, own
    assert as_account(gate, STRANGER, "grant", "approve", grant).returncode == 3
    assert as_account(gate, BEN, "grant", "approve", grant).returncode == 0
    event = last(gate, "grant.approve")
    assert event["who"] == "ben" and event["how"].startswith(f"login {BEN} (uid {uid(BEN)}, pid "), event
    refused = [each for each in gate.events(kind="grant.approve") if each["outcome"] == "failure"]
    assert [(each["who"], each["details"]["refused"]) for each in refused] == [
        ("anna", "grant_own"), (STRANGER, "login_unknown")], refused
    # It lets Anna in, wherever it was asked for.
    assert gate.anna.ssh("true").code == 0
    shown = json.loads(as_account(gate, ANNA, "jump", "whoami", "--json").stdout)
    assert (shown["who"], shown["login"]["account"], [each["id"] for each in shown["grants"]]) == ("anna", ANNA, [grant])


@pytest.mark.parametrize("before, kernel_knows", [(None, False), (ANNA, False), (BEN, False), (BEN, True)])
def test_root_looks_and_unlocks_and_decides_nothing(gate, before, kernel_knows):
    grant = gate.anna.request("eig-01:22")

    def root(*words):
        return as_account(gate, "root", *words, before=before, kernel_knows=kernel_knows)

    assert grant in root("grant", "list").stdout and "Anna Bauer" in root("review").stdout
    for verb in ["approve", "deny", "revoke", "close"]:
        done = root("grant", verb, grant)
        assert done.returncode == 3 and "root is nobody in particular" in done.stderr, done
        assert "without sudo" in done.stderr, done
    assert root("jump", "unlock", "anna").stdout == "anna was not locked out\n"
    assert [each["id"] for each in gate.anna.api("GET", "/v1/grants")[1]["grants"]] == [grant]
    assert gate.anna.api("GET", "/v1/grants")[1]["grants"][0]["state"] == "pending"
    event = last(gate, "grant.approve")
    assert event["outcome"] == "failure" and event["details"]["refused"] == "login_root", event
    assert event["who"] == (before or "root"), event
    if kernel_knows:
        assert event["how"].startswith(f"login {before} (uid {uid(before)}) as root, pid "), event
    elif before:
        assert event["how"].endswith(f"), claims login {before} (uid {uid(before)})"), event


@pytest.mark.parametrize("kernel_knows", [False, True])
def test_another_account_does_not_help_one_to_approve_ones_own(gate, kernel_knows):
    """`sudo -u` to a colleague's account."""
    annas, bens = gate.anna.request("eig-01:22"), gate.ben.request("eig-01:22")
    done = as_account(gate, BEN, "grant", "approve", annas, before=ANNA, kernel_knows=kernel_knows)
    assert done.returncode == 3 and "somebody else decides" in done.stderr, done
    event = last(gate, "grant.approve")
    assert (event["who"], event["outcome"]) == ("ben", "failure") and ANNA in event["how"], event
    assert as_account(gate, BEN, "grant", "approve", annas).returncode == 0
    # It takes nothing from who may decide in their own name.
    assert as_account(gate, ANNA, "grant", "approve", bens, before=ANNA, kernel_knows=kernel_knows).returncode == 0


@pytest.mark.parametrize("before", [None, BEN])
def test_root_ends_a_session_at_night(gate, before):
    """It takes access away, which needs nobody else."""
    gate.grant("eig-01:22")
    with gate.anna.tunnel() as connection:
        connection.connection.recv(1)
        [session] = gate.sessions
        assert as_account(gate, STRANGER, "jump", "kill", session["id"]).returncode == 3
        done = as_account(gate, "root", "jump", "kill", session["id"], before=before)
        assert done.returncode == 0 and "anna is cut from eig-01:22" in done.stdout, done
        assert connection.is_closed(timeout=1) or connection.rest() is not None
    event = gate.told(kind="session.kill", outcome="success")
    assert event["who"] == (before or "root"), event
    assert last(gate, "session.end")["details"]["detail"] == f"by {before or 'root'}"
    over = as_account(gate, "root", "jump", "kill", session["id"])
    assert over.returncode != 0 and "there is no such session" in over.stderr, over
