# SPDX-License-Identifier: Apache-2.0
"""A client that asks first is told to go on, or refused, before it sends its body (RFC 9110 §10.1.1)."""

from support.client import render


def test_expect_100_continue_is_answered_before_the_body(edge):
    body = b'{"amount":"1.00"}'
    with edge.payfast.connect() as connection:
        whole = render("POST", "/eig/gsma/transactions", body, [*edge.payfast.fields, ("Expect", "100-continue")])
        connection.send(whole.removesuffix(body))
        interim = b""
        while not interim.endswith(b"\r\n\r\n"):
            byte = connection.connection.recv(1)
            assert byte, f"the connection ended after {interim!r}"
            interim += byte
        assert interim.startswith(b"HTTP/1.1 100 ")
        connection.send(body)
        assert connection.response("POST").status == 200
    assert edge.txn.wait()[0].body == body


def test_curl_does_it_too(edge):
    result = edge.payfast.curl("-H", "Expect: 100-continue", "--expect100-timeout", "8", "-d", "x" * 2000)
    assert result.status == 200, result
    assert edge.txn.wait()[0].body == b"x" * 2000


def test_a_refused_request_gets_no_100(edge):
    with edge.mobicash.connect() as connection:
        head = render("POST", "/eig/gsma/transactions", b"", [("Expect", "100-continue")])
        connection.send(head.replace(b"Content-Length: 0", b"Content-Length: 5"))
        received = connection.connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 403 "), received
    assert edge.txn.requests == []
