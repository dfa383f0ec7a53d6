# SPDX-License-Identifier: Apache-2.0
"""Slow readers, early answers, abandoned requests and many connections: nothing piles up and nothing hangs."""

import os
import re
import threading
import time

import pytest

from support import network
from support.client import render
from support.programs import until
from support.server import Answer


def resident_bytes(program):
    text = open(f"/proc/{program.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024


def descriptors(program):
    return len(os.listdir(f"/proc/{program.pid}/fd"))


@pytest.fixture
def wide(lab):
    lab.partners["payfast"]["limits"]["body-bytes"] = 64 << 20
    # Pooled connections to backends go soon, so that descriptors can be counted.
    lab.gateway["timeouts"]["backend-idle"] = "500ms"
    lab.txn, lab.rpt
    return lab.start()


def test_a_reader_that_does_not_read_costs_a_bounded_buffer(wide):
    size = 60_000_000
    wide.txn.behaviour = lambda request: Answer(200, b"x" * size)
    before = resident_bytes(wide.eigd)
    connections = [wide.payfast.connect(timeout=30) for _ in range(4)]
    for connection in connections:
        connection.send(render("GET", "/eig/any/large", None, wide.payfast.fields))
    wide.txn.wait(4)
    time.sleep(1.5)
    grown = resident_bytes(wide.eigd) - before
    assert grown < 24_000_000, f"{grown} bytes for four readers that do not read"
    # Whoever reads at last gets all of it.
    assert len(connections[0].response().body) == size
    for connection in connections:
        connection.close()


@pytest.fixture
def sink(wide):
    """A listening socket in TXN's place."""
    wide.txn.close()
    with wide.network.backends.listen((network.TXN, 8080)) as sink:
        yield sink


def test_a_backend_that_does_not_read_stops_the_sender(wide, sink):
    held = []
    threading.Thread(target=lambda: held.append(sink.accept()), daemon=True).start()
    before = resident_bytes(wide.eigd)
    connection = wide.payfast.connect(timeout=2)
    connection.send(render("POST", "/eig/any/large", b"", wide.payfast.fields)
                    .replace(b"Content-Length: 0", b"Content-Length: 60000000"))
    sent = 0
    with pytest.raises(OSError):
        while sent < 60_000_000:
            connection.send(b"y" * 100_000)
            sent += 100_000
    assert sent < 30_000_000, "it took a body that nobody reads"
    assert resident_bytes(wide.eigd) - before < 8_000_000
    connection.close()


@pytest.mark.parametrize("size", [10_000, 5_000_000])
def test_a_backend_that_answers_before_the_body_is_there(wide, sink, size):
    """Whatever becomes of it, the caller gets an end and the next request a good answer."""

    def serve():
        accepted, _ = sink.accept()
        accepted.recv(1000)
        accepted.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        time.sleep(0.3)
        accepted.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with wide.payfast.connect(timeout=10) as connection:
        try:
            connection.send(render("POST", "/eig/any/early", b"z" * size, wide.payfast.fields))
        except OSError:
            pass
        assert connection.response("POST").status in (403, 502)
    thread.join(5)
    sink.close()
    wide.txn.open()
    assert wide.payfast.call("POST", "/eig/any/next", b"{}").status == 200


def test_abandoned_requests_leave_nothing_behind(wide):
    wide.txn.behaviour = lambda request: Answer(200, b"x" * 100_000, after=0.2)
    assert wide.mobicash.call("GET", "/eig/any/warm").status == 200
    before = descriptors(wide.eigd)
    for _ in range(60):
        connection = wide.payfast.connect()
        connection.send(render("GET", "/eig/any/gone", None, wide.payfast.fields))
        connection.close()
    until(lambda: descriptors(wide.eigd) <= before + 2, timeout=10, every=0.1, what="descriptors to be given back")
    status = next(item for item in wide.status["partners"] if item["id"] == "payfast")
    assert (status["requests_concurrent"], status["connections_live"]) == (0, 0)


def test_hundreds_of_idle_connections_are_cheap_and_counted(wide):
    wide.payfast.call("GET", "/eig/any/1")
    before = resident_bytes(wide.eigd)
    held = [wide.payfast.connect() for _ in range(300)]
    for connection in held:
        connection.send(render("GET", "/eig/any/1", None, wide.payfast.fields))
        assert connection.response().status == 200
    status = next(item for item in wide.status["partners"] if item["id"] == "payfast")
    assert status["connections_live"] == 300
    each = (resident_bytes(wide.eigd) - before) / 300
    # Of those, OpenSSL's own are 15,000. No buffer outlives its use, so it is the same a moment after the answer.
    assert each < 21_000, f"{each:.0f} bytes for an idle connection"
    for connection in held:
        connection.close()
    until(lambda: next(item for item in wide.status["partners"] if item["id"] == "payfast")["connections_live"] == 0,
          what="the connections to be gone")
