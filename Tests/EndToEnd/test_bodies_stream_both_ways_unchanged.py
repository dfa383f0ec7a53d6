# SPDX-License-Identifier: Apache-2.0
"""Content-Length and chunked, small and large, both directions: the bytes never change."""

import hashlib
import random

import pytest

from support.client import chunked, render
from support.server import Answer

ODD = b'{ "amount" : 1.0e2,\r\n\t"escaped":"\\/ \\u00e9 \xc3\xa9", "big":12345678901234567890 }\n'


@pytest.fixture
def wide(lab):
    lab.partners["payfast"]["limits"]["body-bytes"] = 20_000_000
    lab.txn, lab.rpt
    return lab.start()


def test_odd_json_arrives_byte_for_byte(wide):
    wide.txn.behaviour = lambda request: Answer(200, request.body, [("Content-Type", "application/json")])
    answer = wide.payfast.call("POST", "/eig/any/1", ODD)
    assert wide.txn.wait()[0].body == ODD
    assert answer.body == ODD


@pytest.mark.parametrize("size", [0, 1, 16384, 1_000_000, 9_000_001])
@pytest.mark.parametrize("sent_chunked", [False, True])
@pytest.mark.parametrize("answered_chunked", [False, True])
def test_bodies_stream_both_ways_unchanged(wide, size, sent_chunked, answered_chunked):
    body = random.Random(size).randbytes(size)
    wide.txn.behaviour = lambda request: Answer(200, request.body, chunked=answered_chunked)
    with wide.payfast.connect(timeout=30) as connection:
        if sent_chunked:
            parts = [body[at:at + 100_003] for at in range(0, size, 100_003)]
            connection.send(chunked("POST", "/eig/any/1", parts, wide.payfast.fields))
        else:
            connection.send(render("POST", "/eig/any/1", body, wide.payfast.fields))
        answer = connection.response("POST")
        assert answer.status == 200
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(body).digest()
        assert len(answer.body) == size
        # And the connection is still good.
        assert connection.request("GET", "/eig/any/2", fields=wide.payfast.fields).status == 200
    assert hashlib.sha256(wide.txn.requests[0].body).digest() == hashlib.sha256(body).digest()


def test_a_body_byte_by_byte(wide):
    data = chunked("POST", "/eig/any/1", [b"hello", b"world"], wide.payfast.fields)
    with wide.payfast.connect() as connection:
        for index in range(len(data)):
            connection.send(data[index:index + 1])
        assert connection.response("POST").status == 200
    assert wide.txn.wait()[0].body == b"helloworld"


def test_two_requests_in_one_write_get_two_answers_in_order(wide):
    wide.txn.behaviour = lambda request: Answer(200, request.target.encode())
    with wide.payfast.connect() as connection:
        connection.send(render("GET", "/eig/any/1", None, wide.payfast.fields)
                        + render("GET", "/eig/any/2", None, [*wide.payfast.fields, ("Connection", "close")]))
        received = connection.rest()
    assert received.count(b"HTTP/1.1 200") == 2
    assert received.index(b"/eig/any/1") < received.index(b"/eig/any/2")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_none(wide, status):
    wide.txn.behaviour = lambda request: Answer(status)
    with wide.payfast.connect() as connection:
        answer = connection.request("GET", "/eig/any/1", fields=wide.payfast.fields)
        assert (answer.status, answer.body) == (status, b"")
        assert connection.request("GET", "/eig/any/2", fields=wide.payfast.fields).status == status


def test_head_gets_the_length_and_no_body(wide):
    wide.txn.behaviour = lambda request: Answer(200, b"12345", has_body=request.method == "GET")
    with wide.payfast.connect() as connection:
        answer = connection.request("HEAD", "/eig/any/1", fields=wide.payfast.fields)
        assert (answer.status, answer.field("Content-Length"), answer.body) == (200, "5", b"")
        assert connection.request("GET", "/eig/any/2", fields=wide.payfast.fields).body == b"12345"


def test_a_backend_that_ends_its_answer_by_closing(wide):
    from support.server import Raw
    wide.txn.behaviour = lambda request: Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end")
    answer = wide.payfast.call("GET", "/eig/any/1")
    assert (answer.status, answer.body) == (200, b"until the end")
