# SPDX-License-Identifier: Apache-2.0
"""Nobody takes more of the gate than was agreed, and who tries is told so or cut."""

import contextlib
import socket
import sqlite3
import ssl
import struct
import time

import pytest
from lab import access, wires
from support import network
from support.client import Connection
from support.programs import until


def connects(person, target="eig-01:22"):
    """The first line of the answer."""
    connection = person.connect()
    connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
    line = connection.connection.recv(200).split(b"\r\n")[0]
    return connection, line


def test_one_person_has_so_many_sessions(lab):
    lab.configuration.host["gate"]["sessions-per-person"] = 3
    gate = lab.start()
    gate.grant("eig-01:22")
    gate.grant("eig-01:22", to="ben", by="anna")
    with contextlib.ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(gate.anna.tunnel())
        refused, line = connects(gate.anna)
        opened.enter_context(refused)
        assert line.split()[1] == b"429", line
        # Another has their own.
        opened.enter_context(gate.ben.tunnel())
    until(lambda: not gate.sessions, 5, what="all to be over")
    gate.anna.tunnel().close()


def test_the_gate_has_so_many_connections(lab):
    lab.configuration.host["gate"]["connections"] = 8
    gate = lab.start()
    gate.grant("eig-01:22")
    with contextlib.ExitStack() as opened:
        for _ in range(6):
            opened.enter_context(gate.anna.tunnel())
        assert len(gate.sessions) == 6
        for _ in range(6):
            try:
                connection, line = connects(gate.anna)
            except OSError:
                continue
            opened.enter_context(connection)
        assert 6 <= len(gate.sessions) <= 8
        # Operators of the host get through whatever else is full.
        assert gate.control.answers()
    until(lambda: not gate.sessions, 5, what="all to be over")
    gate.anna.tunnel().close()


def test_handshakes_of_one_address_are_bounded(lab):
    lab.configuration.host["gate"].update({"handshakes-per-second": 1, "handshakes-burst": 5})
    gate = lab.start()
    got = 0
    began = time.monotonic()
    for _ in range(15):
        try:
            with gate.anna.connect():
                got += 1
        except OSError:
            pass
    took = time.monotonic() - began
    assert 5 <= got <= 6 + took, (got, took)
    # Another address is not held up by it.
    with gate.anna.connect(source=wires.ADMIN_OTHER):
        pass


@pytest.mark.parametrize("head", [
    "CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\nX: " + "y" * 70_000,
    "CONNECT " + "a" * 70_000, "".join(f"X-{number}: y\r\n" for number in range(20_000)),
    "CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n" + "X: y\r\n" * 5_000], ids=["field", "line", "junk", "fields"])
def test_a_head_that_is_too_large_is_refused(module_gate, head):
    with module_gate.anna.connect() as connection:
        try:
            connection.send(head + "\r\n\r\n")
        except OSError:
            return
        said = connection.rest()
    assert said == b"" or said.split()[1] in (b"400", b"414", b"431"), said[:200]


def test_a_body_that_is_too_large_is_refused(module_gate):
    with module_gate.anna.connect() as connection:
        connection.send("POST /v1/grants HTTP/1.1\r\nHost: jump.edge.example\r\nContent-Length: 100000000\r\n\r\n")
        assert connection.response("POST").status == 413


@pytest.mark.parametrize("first", [b"", b"\x16", b"\x16\x03\x01\x02", b"\x00\x00\x00"], ids=repr)
def test_who_does_not_finish_the_handshake_is_cut(module_gate, first):
    plain = module_gate.anna.plain()
    plain.sendall(first)
    plain.settimeout(40)
    began = time.monotonic()
    try:
        while plain.recv(4096):
            pass
    except ConnectionResetError:
        pass
    assert time.monotonic() - began < 35
    plain.close()


def test_who_shakes_hands_and_says_nothing_is_cut(module_gate):
    with module_gate.anna.connect() as connection:
        connection.connection.settimeout(30)
        said = connection.rest()
        assert said == b"" or said.startswith(b"HTTP/1.1 408 "), said


def test_who_sends_a_head_byte_by_byte_is_cut(module_gate):
    with module_gate.anna.connect() as connection:
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 60:
                connection.send("C")
                time.sleep(0.5)
                connection.connection.settimeout(0.01)
                try:
                    if connection.connection.recv(100) == b"":
                        raise ConnectionResetError
                except (TimeoutError, ssl.SSLWantReadError):
                    pass
                connection.connection.settimeout(10)
    assert time.monotonic() - began < 45


def test_a_reader_that_stands_still_holds_up_nobody_and_fills_no_memory(gate):
    gate.grant("eig-01:22", "rpt-01:443")
    stuck = gate.anna.start("ssh", "-F", gate.anna.ssh_config(), "eig-01", "head -c 300000000 /dev/zero")
    until(lambda: stands_still(gate), 30, what="it to stand still")
    assert gate.sessions[0]["bytes_out"] < 50_000_000
    assert resident(gate.gate.pid) < 150_000, "KiB"
    assert gate.anna.curl("-k", "https://rpt-01/").code == 0
    # And goes on when it reads.
    assert len(stuck.communicate(timeout=60)[0]) == 300_000_000


def stands_still(gate):
    """Whether the only session began, and no byte came in half a second."""
    def sent():
        return gate.sessions and gate.sessions[0]["bytes_out"]
    before = sent()
    time.sleep(0.5)
    return before and sent() == before


def test_a_long_answer_reaches_somebody_far_away(lab):
    """Longer than a send buffer, to a client that takes three seconds for the beginning of it."""
    gate = lab.start()
    gate.anna.request("eig-01:22")
    gate.pause()
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(gate.state / "access.db")) as store, store:
        store.execute("with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
                      "insert into access_grant(id, who, targets, reason, ticket, requested_ms, minutes, lapses_ms, "
                      "is_break_glass, revoked_by, revoked_ms, is_end_told) select 'w-' || i, 'anna', 'eig-01:22', ?, "
                      "'x', ?, 1, ?, 0, 'anna', ?, 1 from n", ("a long reason " * 35, now, now, now))
    gate.go_on()
    with gate.wires.admin.entered():
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(10)
        plain.connect((network.EDGE, access.PORT))
    with Connection(gate.anna.context().wrap_socket(plain, server_hostname=access.NAME)) as connection:
        connection.send("GET /v1/grants HTTP/1.1\r\nHost: jump.edge.example\r\n\r\n")
        for _ in range(10):
            time.sleep(0.3)
            connection.connection.recv(1024)
        rest = connection.rest()
        assert rest.endswith(b'"schema":"eig/1"}\n') and len(rest) > 300_000, (len(rest), rest[-100:])


@pytest.fixture
def deaf(lab):
    """A gate with a target that takes every connection and reads nothing."""
    lab.configuration.one("target", "rpt-01")["ports"] = [443, 9001]
    lab.configuration.one("role", "network")["targets"].append("rpt-01:9001")
    with lab.wires.backends.entered():
        listener = socket.create_server((network.RPT, 9001))
    with listener:
        yield lab.start()


def test_what_somebody_sent_who_has_gone_waits_for_no_target(deaf):
    deaf.grant("rpt-01:9001")
    connection = deaf.anna.tunnel("rpt-01:9001")
    connection.connection.settimeout(0.5)
    with pytest.raises((TimeoutError, ssl.SSLWantWriteError)):
        while True:
            connection.send(b"x" * 65536)
    assert len(deaf.sessions) == 1 and resident(deaf.gate.pid) < 150_000
    # As a machine does that crashes and comes back.
    connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    until(lambda: not deaf.sessions, 1, what="the session to be over")
    assert deaf.told(kind="session.end")["details"]["reason"] == "person_lost"


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_tls_of_today_is_taken(module_gate, version):
    with module_gate.anna.connect(context=module_gate.anna.context(version)) as connection:
        connection.send("GET /v1/whoami HTTP/1.1\r\nHost: jump.edge.example\r\n\r\n")
        assert connection.response().status == 200


def test_tls_of_yesterday_is_not(module_gate):
    done = module_gate.anna.run("openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect",
                                f"{network.EDGE}:{access.PORT}", timeout=20)
    assert "Protocol  : TLSv1.1" not in done.out or "Cipher    : 0000" in done.out, done


def test_three_hundred_half_open_ones_keep_nobody_out(module_gate):
    waiting = [module_gate.anna.plain() for _ in range(300)]
    try:
        began = time.monotonic()
        with module_gate.anna.connect() as connection:
            connection.send("GET /v1/whoami HTTP/1.1\r\nHost: jump.edge.example\r\n\r\n")
            assert connection.response().status == 200
        # It waits for none of them: they have ten seconds each.
        assert time.monotonic() - began < 5
    finally:
        for each in waiting:
            each.close()
