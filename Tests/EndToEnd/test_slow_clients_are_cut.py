# SPDX-License-Identifier: Apache-2.0
"""A head has an absolute deadline, a body a least rate, a handshake a deadline, an idle connection an end."""

import time

import pytest

from support import network
from support.client import render


@pytest.fixture
def impatient(lab):
    lab.gateway["timeouts"] = {"handshake": "1s", "head": "1s", "idle": "1500ms", "body-bytes-per-second": 10000}
    lab.txn, lab.rpt
    return lab.start()


def trickle(connection, data, every=0.1, seconds=8):
    """Sends a byte at a time until the peer has had enough; what it said."""
    connection.connection.settimeout(every)
    received = b""
    end = time.monotonic() + seconds
    for index in range(len(data)):
        assert time.monotonic() < end, "it was never cut"
        try:
            connection.send(data[index:index + 1])
            part = connection.connection.recv(65536)
            if not part:
                return received
            received += part
        except TimeoutError:
            continue
        except OSError:
            return received
    raise AssertionError("it was never cut")


def test_a_slow_head_is_cut(impatient):
    with impatient.payfast.connect() as connection:
        received = trickle(connection, b"GET /eig/any/1 HTTP/1.1\r\nHost: edge.eig.example\r\nX: " + b"y" * 500)
    assert received == b"" or received.startswith(b"HTTP/1.1 408 "), received
    impatient.eigd.logged(event="refusal", reason="head_timeout")
    assert impatient.txn.requests == []


def test_a_slow_body_is_cut_and_never_arrives_as_complete(impatient):
    with impatient.payfast.connect() as connection:
        connection.send(render("POST", "/eig/any/1", b"", impatient.payfast.fields)
                        .replace(b"Content-Length: 0", b"Content-Length: 500"))
        received = trickle(connection, b"y" * 500)
    assert received == b"" or received.startswith(b"HTTP/1.1 408 "), received
    impatient.eigd.logged(event="refusal", reason="body_timeout")
    assert impatient.txn.requests == []


def test_a_body_that_is_fast_enough_is_not_cut(impatient):
    body = b"y" * 100_000
    with impatient.payfast.connect() as connection:
        connection.send(render("POST", "/eig/any/1", b"", impatient.payfast.fields)
                        .replace(b"Content-Length: 0", b"Content-Length: 100000"))
        for at in range(0, len(body), 5000):
            connection.send(body[at:at + 5000])
            time.sleep(0.1)
        assert connection.response("POST").status == 200


def test_a_silent_handshake_is_cut(impatient):
    plain = impatient.network.payfast.connect((network.EDGE, 8443), network.PAYFAST, timeout=6)
    assert plain.recv(1) == b""


def test_an_idle_connection_is_closed(impatient):
    with impatient.payfast.connect() as connection:
        assert connection.request("GET", "/eig/any/1", fields=impatient.payfast.fields).status == 200
        assert connection.is_closed(timeout=6)


def test_others_are_served_meanwhile(impatient):
    slow = [impatient.payfast.connect() for _ in range(50)]
    for connection in slow:
        connection.send(b"GET /eig/any/slow HTTP/1.1\r\n")
    assert impatient.mobicash.call("GET", "/eig/any/1").status == 200
    for connection in slow:
        connection.close()
