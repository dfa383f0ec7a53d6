# SPDX-License-Identifier: Apache-2.0
"""A declared body over the limit goes nowhere; an undeclared one never arrives as complete."""

import pytest

from support.client import chunked, render

LIMIT = 4096


@pytest.fixture
def limited(lab):
    lab.partners["payfast"]["limits"]["body-bytes"] = LIMIT
    lab.txn, lab.rpt
    return lab.start()


def test_a_body_over_the_limit_is_refused(limited):
    with limited.payfast.connect() as connection:
        answer = connection.request("POST", "/eig/gsma/transactions", b"x" * (LIMIT + 1), limited.payfast.fields)
        assert (answer.status, answer.json["error"]["code"]) == (413, "body_too_large"), answer
        assert answer.field("Connection") == "close"
    assert limited.txn.requests == []


def test_it_is_refused_before_the_body_is_sent(limited):
    head = render("POST", "/eig/gsma/transactions", b"", [*limited.payfast.fields, ("Expect", "100-continue")])
    with limited.payfast.connect() as connection:
        connection.send(head.replace(b"Content-Length: 0", b"Content-Length: 99999999"))
        assert connection.response("POST").status == 413
    assert limited.txn.requests == []


def test_a_body_at_the_limit_arrives_whole(limited):
    body = b"x" * LIMIT
    assert limited.payfast.call("POST", "/eig/gsma/transactions", body).status == 200
    assert limited.txn.wait()[0].body == body


def test_a_chunked_body_over_the_limit_is_refused(limited):
    with limited.payfast.connect() as connection:
        connection.send(chunked("POST", "/eig/gsma/transactions", [b"x" * 1000] * 5, limited.payfast.fields))
        answer = connection.response("POST")
        assert (answer.status, answer.json["error"]["code"]) == (413, "body_too_large"), answer
        assert connection.is_closed()
    assert limited.txn.requests == [], "a body that was cut arrived as complete"


def test_a_chunked_body_at_the_limit_arrives_whole(limited):
    with limited.payfast.connect() as connection:
        connection.send(chunked("POST", "/eig/gsma/transactions", [b"x" * 1024] * 4, limited.payfast.fields))
        assert connection.response("POST").status == 200
    assert limited.txn.wait()[0].body == b"x" * LIMIT
