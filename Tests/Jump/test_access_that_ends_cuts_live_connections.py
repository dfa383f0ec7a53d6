# SPDX-License-Identifier: Apache-2.0
"""Whatever takes access away ends what is going on, within a second, and nothing else."""

import contextlib
import socket
import threading
import time

import pytest
from lab import wires
from lab.administrator import EIGCTL
from support import network
from support.programs import PATIENCE, until


def banner(connection):
    """What an sshd says first: the connection reaches it."""
    said = b""
    while not said.endswith(b"\n"):
        said += connection.connection.recv(1)
    assert said.startswith(b"SSH-2.0-"), said


def cut(connection, began):
    """Whether the peer ended this connection in time."""
    ended = connection.is_closed(timeout=5)
    took = time.monotonic() - began
    assert ended and took < PATIENCE, f"open {took:.2f} s after"


def _revoke(gate, grant):
    gate.ben.decide(grant, "revoke")


def _change(change):
    def apply(gate, _):
        change(gate.configuration)
        gate.reload()
    return apply


def _certificate(configuration):
    configuration.host["gate"]["revoked"] = [configuration.person("anna").serial]


def _pin(configuration):
    configuration.host["gate"]["revoked"] = [configuration.person("anna").pin]


WAYS = {
    "the grant is revoked": _revoke,
    "its holder gives it back": lambda gate, grant: gate.anna.decide(grant, "revoke"),
    "her certificate is revoked by serial": _change(_certificate),
    "her certificate is revoked by key": _change(_pin),
    "she is disabled": _change(lambda configuration: configuration.one("admin", "anna").update(enabled=False)),
    "she is removed": _change(lambda configuration: configuration.host["admin"].remove(configuration.one("admin", "anna"))),
    "her roles change": _change(lambda configuration: configuration.one("admin", "anna").update(roles=["reports"])),
    "her role loses the target": _change(lambda configuration: configuration.one("role", "network")["targets"]
                                         .remove("eig-01:22")),
    "the target loses the port": _change(lambda configuration: (
        configuration.one("target", "eig-01").update(ports=[2222]),
        configuration.one("role", "network")["targets"].remove("eig-01:22"))),
    "her networks change": _change(lambda configuration: configuration.one("admin", "anna")
                                   .update({"from": ["203.0.113.206/32"]})),
    "her key is pinned to another": _change(lambda configuration: configuration.one("admin", "anna")
                                            .update(pin=["sha256:" + "0" * 64])),
    "the session is killed": lambda gate, _: gate.ben.api("POST", f"/v1/sessions/{gate.sessions[0]['id']}/kill", {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_cut(gate, way):
    grant = gate.grant("eig-01:22")
    connection = gate.anna.tunnel()
    banner(connection)
    until(lambda: len(gate.sessions) == 1, 2, what="the session")
    WAYS[way](gate, grant)
    cut(connection, time.monotonic())
    ended = gate.told(kind="session.end")
    assert ended["who"] == "anna" and ended["object"] == "eig-01:22", ended


def test_others_are_not(gate):
    grant = gate.grant("eig-01:22")
    gate.grant("eig-01:22", to="ben", by="anna")
    anna, ben = gate.anna.tunnel(), gate.ben.tunnel()
    banner(anna), banner(ben)
    gate.ben.decide(grant, "revoke")
    cut(anna, time.monotonic())
    ben.send("SSH-2.0-test\r\n")
    assert ben.connection.recv(100)
    # Nor does a reload that takes nothing away.
    gate.reload()
    assert not ben.is_closed(timeout=0.5)


def test_a_grant_that_gives_two_targets_and_another_that_gives_one(gate):
    """What a second grant still allows goes on when the first ends."""
    both, one = gate.grant("eig-01:22", "rpt-01:443"), gate.grant("eig-01:22")
    connection = gate.anna.tunnel()
    banner(connection)
    gate.ben.decide(both, "revoke")
    assert not connection.is_closed(timeout=0.7)
    gate.ben.decide(one, "revoke")
    cut(connection, time.monotonic())


@pytest.fixture
def deaf(lab):
    """A gate with a target that answers no connection, neither yes nor no."""
    lab.configuration.one("target", "rpt-01")["ports"] = [443, 9001]
    lab.configuration.one("role", "network")["targets"].append("rpt-01:9001")
    with contextlib.ExitStack() as kept:
        with lab.wires.backends.entered():
            listener = kept.enter_context(socket.create_server((network.RPT, 9001), backlog=0))
            for _ in range(3):
                waiting = kept.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
        yield lab.start()


def test_what_has_not_got_there_yet_ends_too(deaf):
    """And has an end in the log wherever it has a beginning."""
    grant = deaf.grant("rpt-01:9001")

    def on_the_way():
        count = len(deaf.events(kind="session.begin"))
        connection = deaf.anna.connect()
        connection.send("CONNECT rpt-01:9001 HTTP/1.1\r\nHost: rpt-01:9001\r\n\r\n")
        until(lambda: len(deaf.events(kind="session.begin")) > count, 2, what="the beginning of it")
        return connection
    with on_the_way() as connection:
        deaf.ben.decide(grant, "revoke")
        answer = connection.response("CONNECT")
        assert answer.status == 403 and b"revoked" in answer.body, answer
    assert deaf.told(kind="session.end")["details"]["reason"] == "grant_revoked"
    deaf.grant("rpt-01:9001")
    with on_the_way() as connection:
        deaf.gate.terminate()
        assert connection.response("CONNECT").status == 503
    assert deaf.gate.exited(10) == 0
    assert [event["details"]["reason"] for event in deaf.events(kind="session.end")] == ["grant_revoked", "stopping"]


def test_stock_clients_end_at_once_when_their_grant_does(gate):
    grants = [gate.grant("eig-01:22"), gate.grant("txn-db")]
    shell = gate.anna.start("ssh", "-F", gate.anna.ssh_config(EIGCTL), "eig-01", "echo ready; sleep 60")
    assert shell.stdout.readline() == b"ready\n"
    query = gate.anna.start("psql", "-XAtq", gate.anna.dsn("txn-db"), "-c", "select pg_sleep(60)")
    until(lambda: len(gate.sessions) == 2, 5, what="both sessions")
    for grant, process in zip(grants, (shell, query)):
        gate.ben.decide(grant, "revoke")
        began = time.monotonic()
        process.wait(10)
        assert time.monotonic() - began < PATIENCE, process.args


def test_what_ssh_config_prints_for_openssl_lets_ssh_notice(gate):
    """At once, and without keep-alives, with which no session would ever be idle."""
    grant = gate.grant("eig-01:22")
    printed = gate.anna.eigctl("jump", "ssh-config", "--openssl", "eig-01").out
    assert "Alive" not in printed
    config = gate.anna.folder / "printed"
    config.write_text(printed + "".join(f"    {line}\n" for line in [*gate.servers.sshd.options(), "BatchMode yes"]))
    shell = gate.anna.start("ssh", "-F", config, "eig-01", "echo ready; sleep 60")
    assert shell.stdout.readline() == b"ready\n"
    gate.ben.decide(grant, "revoke")
    began = time.monotonic()
    assert shell.wait(5) == 255 and time.monotonic() - began < 1


@pytest.fixture
def timed(lab):
    """With a target whose connections may idle for a minute, and ones on which none is longer than that."""
    configuration = lab.configuration
    for name, address, port, keys in [
            ("idle-01", wires.HOST, 22, {"idle": "1m"}), ("long-01", wires.HOST, 22, {"idle": "1m", "longest": "61s"}),
            ("drip-01", network.RPT, 9001, {"longest": "61s"}), ("mute-01", network.RPT, 9002, {})]:
        configuration.host["target"].append({**configuration.target(name, address, [port]), **keys})
        configuration.one("role", "network")["targets"].append(f"{name}:{port}")
    with contextlib.ExitStack() as kept:
        with lab.wires.backends.entered():
            drips, mute = (kept.enter_context(socket.create_server((network.RPT, port))) for port in (9001, 9002))

        def drip():
            # Until the gate ends it, or the test the listener.
            with contextlib.suppress(OSError):
                connection = kept.enter_context(drips.accept()[0])
                while True:
                    connection.send(b".")
                    time.sleep(2)
        threading.Thread(target=drip, daemon=True).start()
        yield lab.start()


def test_time_runs_out(timed):
    """All that ends by the clock, in the one minute that is the shortest there is; and what goes on meanwhile."""
    timed.grant("eig-01:22", minutes=1)
    timed.grant("eig-01:22", to="ben", by="anna", minutes=30)
    timed.grant("idle-01:22", "long-01:22", "drip-01:9001", "mute-01:9002", minutes=30)
    began = time.monotonic()
    ends = {}
    opened = {"granted": timed.anna.tunnel("eig-01:22"), "other": timed.ben.tunnel("eig-01:22"),
              "idle": timed.anna.tunnel("idle-01:22"), "busy": timed.anna.tunnel("idle-01:22"),
              "long": timed.anna.tunnel("long-01:22")}
    for connection in opened.values():
        banner(connection)
    # Who has said everything gets the rest of the answer, for as long as others, or for a minute of silence.
    for name, target in [("half", "drip-01:9001"), ("silence", "mute-01:9002")]:
        opened[name] = timed.anna.tunnel(target)
        socket.socket.shutdown(opened[name].connection, socket.SHUT_WR)
    silent = due = time.monotonic()
    while time.monotonic() - began < 66:
        for name, connection in opened.items():
            if name not in ends and connection.is_closed(timeout=0.02):
                ends[name] = time.monotonic() - (silent if name == "idle" else began)
        if time.monotonic() < due:
            continue
        due += 5
        for name in {"other", "busy", "long"} - set(ends):
            # sshd waits for the end of its client's first line.
            opened[name].send("x")
    assert set(ends) == {"granted", "idle", "long", "half", "silence"}, ends
    assert all(58.5 < took < 63 for took in ends.values()), ends
    reasons = {event["object"]: event["details"]["reason"] for event in timed.events(kind="session.end")}
    assert reasons == {"eig-01:22": "access_lost", "idle-01:22": "idle", "long-01:22": "longest",
                       "drip-01:9001": "longest", "mute-01:9002": "closed"}, reasons
    assert timed.anna.api("GET", "/v1/whoami")[0] == 200


def test_a_relayed_connection_ends_as_its_ends_do(gate):
    """A half that is done is told to the other side, which may still answer."""
    gate.grant("eig-01:22")
    shell = gate.anna.ssh("cat | tail -c 5", input="x" * 100_000 + "\nlast")
    assert shell.out.endswith("last"), shell
    until(lambda: not gate.sessions, 3, what="the session to be over")
    ended = gate.told(kind="session.end")
    assert int(ended["details"]["bytes_in"]) > 100_000, ended
