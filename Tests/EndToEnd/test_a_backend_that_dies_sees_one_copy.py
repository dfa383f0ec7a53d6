# SPDX-License-Identifier: Apache-2.0
"""A request of which one byte was written is never sent again; the caller is told that the outcome is unknown."""

import pytest

from support.server import DROP, Answer, Raw


def codes(answer):
    return answer.status, answer.json["error"]["code"]


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
@pytest.mark.parametrize("pooled", [False, True], ids=["new connection", "pooled connection"])
def test_a_backend_that_dies_sees_one_copy(edge, method, pooled):
    body = b'{"pay":1}' if method in ("POST", "PUT") else None
    with edge.payfast.connect() as connection:
        if pooled:
            assert connection.request("GET", "/eig/any/first", fields=edge.payfast.fields).status == 200
            edge.txn.requests.clear()
        edge.txn.behaviour = lambda request: DROP
        answer = connection.request(method, "/eig/any/pay", body, edge.payfast.fields)
        assert codes(answer) == (502, "outcome_unknown"), answer
        # The partner's own connection is fine.
        edge.txn.behaviour = lambda request: Answer(200)
        assert connection.request("GET", "/eig/any/status", fields=edge.payfast.fields).status == 200
    seen = [request.target for request in edge.txn.requests]
    assert seen == ["/eig/any/pay", "/eig/any/status"], seen
    edge.eigd.logged(event="access", status=502, reason="outcome_unknown")


@pytest.mark.parametrize("cut", [10, 40])
def test_dying_inside_the_answers_head_is_the_same(edge, cut):
    edge.txn.behaviour = lambda request: Answer(200, b"x" * 100, cut=cut)
    assert codes(edge.payfast.call("POST", "/eig/any/pay", b"{}")) == (502, "outcome_unknown")
    assert len(edge.txn.requests) == 1


def test_dying_inside_the_answers_body_is_no_complete_answer(edge):
    whole = len(Answer(200, b"x" * 1000).bytes())
    edge.txn.behaviour = lambda request: Answer(200, b"x" * 1000, cut=whole - 500)
    with edge.payfast.connect() as connection:
        connection.send(b"GET /eig/any/1 HTTP/1.1\r\nHost: edge.eig.example\r\n"
                        + b"".join(f"{name}: {value}\r\n".encode() for name, value in edge.payfast.fields) + b"\r\n")
        received = connection.rest()
    # What was on its way already may arrive, but never as a whole: the length says so.
    head, _, body = received.partition(b"\r\n\r\n")
    assert received == b"" or b"Content-Length: 1000" in head and len(body) < 1000, received
    edge.eigd.logged(event="access", reason="reset")
    assert len(edge.txn.requests) == 1


def test_a_connection_the_backend_closed_while_idle_is_not_used(edge):
    assert edge.payfast.call("POST", "/eig/any/1", b"{}").status == 200
    edge.txn.close()
    edge.txn.open()
    for _ in range(5):
        assert edge.payfast.call("POST", "/eig/any/2", b"{}").status == 200
    assert len(edge.txn.requests) == 6


def test_a_backend_that_is_not_there_is_502_and_nothing_was_sent(edge):
    edge.txn.close()
    assert codes(edge.payfast.call("POST", "/eig/any/1", b"{}")) == (502, "backend_unreachable")
    edge.txn.open()
    assert edge.payfast.call("POST", "/eig/any/1", b"{}").status == 200


def test_a_backend_that_never_answers_is_504(lab):
    lab.gateway["timeouts"]["response"] = "500ms"
    lab.rpt
    lab.txn.behaviour = lambda request: Answer(200, after=3)
    lab.start()
    assert codes(lab.payfast.call("POST", "/eig/any/1", b"{}")) == (504, "outcome_unknown")
    assert len(lab.txn.requests) == 1


ODD = {
    "two framings": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "no status line": b"hello\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a status out of range": b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    "unasked 101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "a flood of 1xx": b"HTTP/1.1 102 Processing\r\n\r\n" * 200 + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a head of 100 kB": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
    "a space before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    "a folded field": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_an_answer_that_is_no_http_is_502_and_none_of_it_passes(edge, name):
    edge.txn.behaviour = lambda request: Raw(ODD[name])
    answer = edge.payfast.call("POST", "/eig/any/1", b"{}")
    assert codes(answer) == (502, "backend_malformed"), answer
    assert len(edge.txn.requests) == 1
    edge.txn.behaviour = lambda request: Answer(200)
    assert edge.payfast.call("POST", "/eig/any/2", b"{}").status == 200


def test_interim_answers_within_reason_are_not_the_answer(edge):
    edge.txn.behaviour = lambda request: Raw(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    answer = edge.payfast.call("GET", "/eig/any/1")
    assert (answer.status, answer.body) == (200, b"ok")
