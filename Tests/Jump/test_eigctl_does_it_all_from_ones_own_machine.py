# SPDX-License-Identifier: Apache-2.0
"""With our own command an administrator asks, decides, forwards, looks and signs, from a machine of their own."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess

import pytest
from lab.servers import OPERATOR
from support.programs import programs, until

REQUEST = ["grant", "request", "eig-01:22", "--for", "30m", "--reason", "look at the logs", "--ticket", "CHG-7"]


def asked(person, *more):
    done = person.eigctl(*REQUEST, *more, check=True)
    return re.match(r"\S+(?=: )", done.out).group()


def test_a_grant_from_the_request_to_its_end(gate):
    grant = asked(gate.anna)
    assert gate.anna.eigctl("grant", "approve", grant).code == 3
    listed = gate.ben.eigctl("grant", "list", "--state", "pending", check=True)
    assert grant in listed.out and "look at the logs" in listed.out, listed
    given = gate.ben.eigctl("grant", "approve", grant, "--note", "as agreed", check=True)
    assert "until" in given.out, given
    assert json.loads(gate.anna.eigctl("jump", "targets", "--json").out)["targets"][0]["is_allowed"]
    with gate.anna.tunnel() as connection:
        connection.connection.recv(1)
        revoked = gate.ben.eigctl("grant", "revoke", grant, check=True)
        assert "revoked" in revoked.out, revoked
        # It ends, behind what was on its way.
        connection.rest(timeout=1)
    denied = asked(gate.anna)
    assert gate.ben.eigctl("grant", "deny", denied, "--note", "not today").code == 0
    assert gate.ben.eigctl("grant", "approve", denied).code == 4
    ended = gate.anna.eigctl("grant", "list", "--state", "ended", check=True).out
    assert grant in ended and denied in ended and "not today" in ended, ended


def test_one_who_may_not_is_told_so_with_three(module_gate):
    done = module_gate.person("mallory").eigctl("grant", "approve", asked(module_gate.anna))
    assert done.code == 3 and "approve" in done.err, done
    assert module_gate.person("mallory").eigctl("review").code == 3


def test_a_connection_that_is_cut_ends_by_itself(gate):
    gate.grant("eig-01:22")
    proxy = gate.anna.start(programs() / "eigctl", *gate.anna.fill(
        "jump connect eig-01:22 --gate {name}:{port} --cert {certificate} --key {key} --ca {authority}").split())
    assert proxy.stdout.read(4) == b"SSH-"
    [session] = json.loads(gate.ben.eigctl("jump", "sessions", "--json").out)["sessions"]
    assert gate.ben.eigctl("jump", "kill", session["id"], "--note", "wrong host").code == 0
    # Whatever holds its standard input open.
    assert proxy.wait(3) in (0, 1)


@pytest.fixture
def forward(gate):
    """A forwarding that listens, and where."""
    started = []

    def start(*words, target="eig-01:22", **options):
        gate.grant(target)
        process = gate.anna.start(programs() / "eigctl", "jump", "forward", target, *words, *gate.anna.fill(
            "--gate {name}:{port} --cert {certificate} --key {key} --ca {authority}").split(), **options)
        started.append(process)
        return process, process.stdout.readline().decode().strip()
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()


def banner(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(path)
        return connection.recv(4)


def test_a_target_is_a_socket_of_ones_own(gate, forward):
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(gate.anna.folder)}
    process, path = forward(env=environment)
    assert path == f"{gate.anna.folder}/eig/eig-01-22.sock"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert [banner(path) for _ in range(5)] == [b"SSH-"] * 5
    # Several at once, each a session of its own.
    held = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for each in held:
        each.connect(path)
        assert each.recv(4) == b"SSH-"
    assert len(gate.sessions) == 3
    for each in held:
        each.close()
    until(lambda: not gate.sessions, 5, what="the sessions to end")
    # A second one does not take its place.
    second, _ = forward(env=environment)
    assert second.wait(10) == 1 and b"somebody listens there" in second.stderr.read()
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
    assert not os.path.exists(path)


def test_what_a_crash_left_behind_is_nobodys(gate, forward):
    path = str(gate.anna.folder / "s")
    process, _ = forward("--socket", path)
    process.kill()
    process.wait(5)
    assert os.path.exists(path)
    again, shown = forward("--socket", path)
    assert shown == path and banner(path) == b"SSH-"
    again.send_signal(signal.SIGTERM)
    assert again.wait(5) == 0 and not os.path.exists(path)


def test_a_target_is_a_port_of_this_machine(gate, forward):
    process, place = forward(":0")
    assert place.startswith("127.0.0.1:")
    done = gate.anna.run("socat", "-T3", "-", f"TCP:{place}", input="")
    assert done.out.startswith("SSH-"), done
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0


@pytest.mark.parametrize("database", ["old-db", "txn-db"])
def test_a_database_is_a_socket_that_psql_knows(gate, forward, database):
    folder = gate.anna.folder / "db"
    folder.mkdir()
    forward("--socket", f"{folder}/.s.PGSQL.5432", target=database)
    done = gate.anna.run("psql", "-XAtq", f"host={folder} user={OPERATOR} dbname=postgres connect_timeout=5", "-c",
                         "select 6 * 7")
    assert (done.code, done.out) == (0, "42\n"), done


def test_what_no_grant_allows_is_not_forwarded_at_all(module_gate):
    done = module_gate.ben.eigctl("jump", "forward", "eig-01:22", ":0")
    assert done.code == 3 and "eigctl grant request eig-01:22" in done.err, done


def test_break_glass_is_looked_at_by_somebody_else(gate):
    sealed = gate.person("sealed")
    taken = sealed.eigctl("jump", "break-glass", "--reason", "nobody else is awake", check=True)
    grant = taken.out.split(":")[0]
    assert sealed.eigctl("grant", "close", grant).code in (3, 4)
    opened = gate.ben.eigctl("grant", "list", "--state", "open", check=True)
    assert grant in opened.out and "open" in opened.out, opened
    early = gate.ben.eigctl("grant", "close", grant)
    assert early.code == 4 and f"eigctl grant revoke {grant}" in early.err, early
    gate.ben.eigctl("grant", "revoke", grant, check=True)
    assert gate.ben.eigctl("grant", "close", grant, "--note", "read the log").code == 0
    assert gate.ben.eigctl("grant", "list", "--state", "open").out == ""


def test_a_review_is_signed_for_what_was_read(gate):
    gate.grant("eig-01:22")
    due = gate.eigctl("review", "--remind")
    assert (due.returncode, due.stdout) == (0, ""), due
    path = gate.ben.folder / "review.json"
    done = gate.ben.eigctl("review", "--sign", "--note", "nothing to change", "--output", str(path), check=True)
    assert "Anna Bauer" in done.out and "eig-01:22" in done.out, done
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in done.err, done
    assert gate.status["review"]["sha256"] == digest and gate.status["review"]["who"] == "ben"
    assert gate.told(kind="review.sign", outcome="success")["who"] == "ben"
    assert "nothing to change" in gate.ben.eigctl("review", check=True).out


def test_who_only_approves_or_looks_was_seen(gate):
    gate.grant("eig-01:22")
    assert gate.anna.ssh("true").code == 0
    gate.person("mallory").eigctl("jump", "connect", "eig-01:22")
    # At once: an orderly end keeps what was not on disk yet.
    gate.gate.terminate()
    assert gate.gate.exited() == 0
    gate.start_gate()
    review = json.loads(gate.eigctl("review", "--json").stdout)["gate"]
    seen = {person["id"]: person.get("last_seen_at") for person in review["people"]}
    assert seen["anna"] and seen["ben"] and seen["mallory"] and not seen["sealed"], seen
    assert [(line["target"], line["session_count"]) for line in review["reach"] if line["session_count"]] == [
        ("eig-01:22", 1)], review["reach"]
    text = gate.eigctl("review").stdout
    assert [line.split()[0] for line in text.splitlines() if line.endswith("never seen")] == ["sealed"], text


def test_the_gates_own_host_sees_it_and_its_operator_does_not_decide(gate):
    grant = asked(gate.anna)
    assert grant in gate.eigctl("grant", "list").stdout
    done = gate.eigctl("grant", "approve", grant)
    assert done.returncode == 3 and "login" in done.stderr, done
    shown = gate.eigctl("status").stdout
    assert "jumpd gate" in shown and "1 asked for" in shown and "jumpd audit" in shown, shown


def test_a_wrong_key_or_authority_is_named(module_gate):
    anna = module_gate.anna
    def whoami(**changes):
        files = {"cert": anna.identity.certificate, "key": anna.identity.key, "ca": anna.authority.certificate,
                 **changes}
        words = [f"--{name}={path}" for name, path in files.items()]
        return anna.run(programs() / "eigctl", "jump", "whoami", *anna.fill("--gate={name}:{port}").split(), *words)
    assert whoami().code == 0
    stranger = module_gate.pki.leaf("anna-elsewhere", "strangers-ca", "anna@edge.example")
    done = whoami(cert=stranger.certificate, key=stranger.key)
    assert done.code == 1 and "certificate" in done.err and done.was_at_once, done
    done = whoami(ca=module_gate.pki.authority("strangers-ca").certificate)
    assert done.code == 1 and "is not trusted" in done.err, done
    open_key = anna.folder / "open.key"
    subprocess.run(["install", "-m", "644", str(anna.identity.key), str(open_key)], check=True)
    assert "others may read" in whoami(key=open_key).err
