# SPDX-License-Identifier: Apache-2.0
"""psql reaches a database by its name, and hears a refusal as PostgreSQL itself would say it."""

import ssl
import struct

import pytest
from lab import access
from support import network
from support.client import Connection

SSL_REQUEST = struct.pack("!II", 8, 80877103)
GSS_REQUEST = struct.pack("!II", 8, 80877104)
CANCEL_REQUEST = struct.pack("!IIII", 16, 80877102, 4711, 1234)
#: Whether the server's own side of the connection is encrypted.
IS_TLS = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def anna(module_gate):
    module_gate.grant("txn-db", "old-db")
    return module_gate.anna


def startup(user="operator", database="postgres"):
    words = b"".join(word.encode() + b"\0" for word in ["user", user, "database", database]) + b"\0"
    return struct.pack("!II", 8 + len(words), 196608) + words


def test_a_query_is_answered_and_the_leg_to_the_database_is_encrypted_where_it_was_said(anna):
    assert anna.psql("txn-db", IS_TLS).out == "t\n"
    assert anna.psql("old-db", IS_TLS).out == "f\n"


def test_twenty_megabytes_come_and_go_unchanged(anna):
    sql = "select md5(string_agg(n::text, ',')) from generate_series(1, 1000) n"
    one = anna.psql("txn-db", f"select length(repeat('x', 20000000)); {sql}", timeout=60)
    assert one.code == 0 and one.out.startswith("20000000\n"), one
    rows = anna.psql("txn-db", "select repeat('y', 1000) from generate_series(1, 20000)", timeout=60)
    assert len(rows.out) == 20000 * 1001 and set(rows.out) == {"y", "\n"}
    text = "z" * 5_000_000
    sent = anna.run("psql", "-XAtq", anna.dsn("txn-db"), timeout=60,
                    input=f"create temp table t(x text);\ncopy t from stdin;\n{text}\n\\.\nselect length(x) from t;\n")
    assert sent.out == "5000000\n", sent


@pytest.mark.parametrize("who, database, why", [
    ("ben", "txn-db", "request a grant: eigctl grant request txn-db"),
    ("mallory", "txn-db", "access denied for mallory to txn-db"),
    ("anna", "nowhere-db", "nowhere-db"),
    # Not a database.
    ("anna", "eig-01", "eig-01"),
    ("nobody", "txn-db", "FATAL"),
])
def test_a_refusal_is_the_servers_own_fatal(anna, module_gate, who, database, why):
    done = module_gate.person(who).psql(database, "select 1")
    assert done.code == 2 and "FATAL" in done.err and why in done.err, done
    assert done.was_at_once, done


def test_what_is_no_database_is_not_spoken_to_as_one(anna, module_gate):
    """A start-up message would be the first line of a client of ssh."""
    module_gate.grant("eig-01:22", to="ben", by="anna")
    done = module_gate.ben.psql("eig-01", "select 1")
    assert done.code == 2 and "FATAL:  jumpd: eig-01 is no database" in done.err and done.was_at_once, done
    assert not [each for each in module_gate.events(kind="session.begin") if each["object"] == "eig-01:22"]


def test_an_address_names_no_database(anna):
    done = anna.psql("txn-db", "select 1", host=network.EDGE, sslmode="verify-ca")
    assert done.code == 2 and "FATAL:  jumpd: the client named no database" in done.err, done


def test_a_client_that_wants_no_tls_is_told_to(anna):
    done = anna.psql("txn-db", "select 1", sslmode="disable", sslcert=None, sslkey=None, sslrootcert=None)
    assert done.code == 2 and "FATAL" in done.err and "sslmode" in done.err, done


def test_a_client_without_a_certificate_is_refused(anna):
    done = anna.psql("txn-db", "select 1", sslcert="/nowhere", sslkey="/nowhere")
    assert done.code == 2 and done.was_at_once, done


def test_what_was_sent_before_the_handshake_never_counts(anna):
    """Plain text stuffed behind the request for TLS, as a man in the middle would do it (CVE-2021-23222)."""
    plain = anna.plain()
    plain.sendall(SSL_REQUEST + startup("stuffed"))
    said = b""
    plain.settimeout(3)
    try:
        while part := plain.recv(4096):
            said += part
    except ConnectionResetError:
        pass
    # Refused, before a handshake; at most the word for no.
    assert said[:1] in (b"", b"N", b"E") or said == b"S", said


def test_gss_encryption_is_declined_and_tls_taken(anna):
    plain = anna.plain()
    plain.sendall(GSS_REQUEST)
    assert plain.recv(1) == b"N"
    plain.sendall(SSL_REQUEST)
    assert plain.recv(1) == b"S"
    with Connection(anna.context().wrap_socket(plain, server_hostname=f"txn-db.{access.NAME}")) as tls:
        tls.send(startup())
        # R: authentication, 0: done.
        assert tls.connection.recv(9) == b"R\0\0\0\x08\0\0\0\0"


@pytest.mark.parametrize("first", [CANCEL_REQUEST, startup(), b"\x00\x00\x00\x08\x04\xd2\x16\x2e", b"SSH-2.0-x\r\n",
                                   b"\x00\x00\xff\xff" + b"\0" * 2000, b"\0" * 8], ids=repr)
def test_what_is_not_a_request_for_tls_reaches_no_database(anna, module_gate, first):
    before = len(module_gate.events(kind="session.begin"))
    plain = anna.plain()
    plain.settimeout(5)
    plain.sendall(first[:600])
    try:
        said = plain.recv(4096)
    except ConnectionResetError:
        said = b""
    plain.close()
    assert b"R\0\0\0\x08" not in said and (said[:1] in (b"", b"E", b"N", b"\x15") or said.startswith(b"HTTP/1.1 400")), said
    assert len(module_gate.events(kind="session.begin")) == before


def test_a_name_that_is_not_ours_is_refused(anna):
    plain = anna.plain()
    plain.sendall(SSL_REQUEST)
    assert plain.recv(1) == b"S"
    context = anna.context()
    context.check_hostname = False
    try:
        with Connection(context.wrap_socket(plain, server_hostname="txn-db.elsewhere.example")) as tls:
            tls.send(startup())
            said = tls.rest()
            assert said.startswith(b"E") and b"FATAL" in said, said
    except ssl.SSLError:
        pass


def test_a_database_that_ends_the_connection_is_heard(anna):
    done = anna.psql("txn-db", "select pg_terminate_backend(pg_backend_pid())")
    assert done.code == 2 and "terminating connection" in done.err, done


def test_a_first_byte_that_never_comes_is_not_waited_for_long(anna):
    plain = anna.plain()
    plain.settimeout(40)
    try:
        assert plain.recv(1) == b""
    except ConnectionResetError:
        pass
    plain.close()
