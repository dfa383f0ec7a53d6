# SPDX-License-Identifier: Apache-2.0
"""The inputs that make two programs disagree, over a real session: each gets its status, the connection ends, and
nothing reaches a backend. The odd bytes are sent as they are; what is refused is followed by a good request that must
not be read."""

import pytest

HOST = b"Host: edge.eig.example\r\n"
LINE = b"POST /eig/any/x HTTP/1.1\r\n"
FOLLOW = b"GET /eig/any/smuggled HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n"
CHUNKED = LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


def fields(*lines, host=HOST, line=LINE):
    return line + host + b"".join(each + b"\r\n" for each in lines) + b"\r\n"


def target(text, method=b"GET"):
    return method + b" " + text + b" HTTP/1.1\r\n" + HOST + b"\r\n"


LINES = {
    "bare LF after the request line": (b"GET /eig/any/x HTTP/1.1\nHost: edge.eig.example\r\n\r\n", 400),
    "bare LF in the fields": (b"GET /eig/any/x HTTP/1.1\r\nHost: edge.eig.example\nX: y\r\n\r\n", 400),
    "bare LF at the end of the head": (b"GET /eig/any/x HTTP/1.1\r\nHost: edge.eig.example\r\n\n", 400),
    "bare CR in a value": (fields(b"X: a\rb"), 400),
    "NUL in a value": (fields(b"X: a\0b"), 400),
    "DEL in a value": (fields(b"X: a\x7fb"), 400),
    "obs-text in a value": (fields(b"X: caf\xe9"), 400),
    "control octet in a name": (fields(b"X\x01: y"), 400),
    "space before the request line": (b" GET /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "space before the first field": (b"GET /eig/any/x HTTP/1.1\r\n " + HOST + b"\r\n", 400),
    "two empty lines first": (b"\r\n\r\nGET /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
}
REQUEST_LINES = {
    "no version": (b"GET /eig/any/x\r\n\r\n", 400),
    "two spaces": (b"GET  /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a tab": (b"GET\t/eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "trailing space": (b"GET /eig/any/x HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    "HTTP/1.0": (b"GET /eig/any/x HTTP/1.0\r\n" + HOST + b"\r\n", 505),
    "HTTP/1.2": (b"GET /eig/any/x HTTP/1.2\r\n" + HOST + b"\r\n", 505),
    "HTTP/9.9": (b"GET /eig/any/x HTTP/9.9\r\n" + HOST + b"\r\n", 505),
    "http/1.1": (b"GET /eig/any/x http/1.1\r\n" + HOST + b"\r\n", 400),
    "HTTP/1.1 with more digits": (b"GET /eig/any/x HTTP/1.10\r\n" + HOST + b"\r\n", 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "a method that is no token": (b"G@T /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "an unknown method": (b"BREW /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "a method in lower case": (b"get /eig/any/x HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "CONNECT": (b"CONNECT txn:8080 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "TRACE": (target(b"/eig/any/x", b"TRACE"), 405),
    "OPTIONS *": (target(b"*", b"OPTIONS"), (400, 405)),
    "GET *": (target(b"*"), 400),
    "absolute form": (target(b"https://edge.eig.example/eig/any/x"), 400),
    "authority form": (target(b"edge.eig.example:443"), 400),
    "two slashes first": (target(b"//eig/any/x"), 400),
    "a fragment": (target(b"/eig/any/x#y"), 400),
    "non-ASCII": (target(b"/eig/any/caf\xc3\xa9"), 400),
    "a broken percent": (target(b"/eig/any/%zz"), 400),
    "a short percent": (target(b"/eig/any/%2"), 400),
    "an encoded NUL": (target(b"/eig/any/%00"), 400),
    "an encoded slash": (target(b"/eig/any%2fx"), 400),
    "an encoded backslash": (target(b"/eig/any/..%5cx"), 400),
    "dot segments": (target(b"/eig/any/../secret"), 400),
    "encoded dot segments": (target(b"/eig/any/%2e%2e/secret"), 400),
    "a line of 9000": (target(b"/eig/any/" + b"x" * 9000), 414),
}
FIELDS = {
    "no colon": (fields(b"Just words"), 400),
    "an empty name": (fields(b": value"), 400),
    "a space before the colon": (fields(b"X : value"), 400),
    "a name with a space": (fields(b"X Y: value"), 400),
    "a name with an underscore": (fields(b"X_EIG_Partner: mobicash"), 400),
    "a folded value": (fields(b"X: one", b" two"), 400),
    "65 fields": (fields(*[b"X-%d: y" % index for index in range(65)]), 431),
    "a field of 9000": (fields(b"X: " + b"y" * 9000), 431),
    "a head of 40000": (fields(*[b"X-%d: " % index + b"y" * 1000 for index in range(40)]), 431),
    "Content-Type twice": (fields(b"Content-Type: a/b", b"Content-Type: c/d", b"Content-Length: 0"), 400),
    "Authorization twice": (fields(b"Authorization: a", b"Authorization: b"), 400),
    "X-USERNAME twice": (fields(b"X-USERNAME: a", b"X-USERNAME: b"), 400),
    "Connection naming Host": (fields(b"Connection: Host"), 400),
    "Connection naming framing": (fields(b"Connection: Content-Length", b"Content-Length: 0"), 400),
    "Connection naming a credential": (fields(b"Connection: X-PASSWORD"), 400),
    "Upgrade": (fields(b"Connection: Upgrade", b"Upgrade: websocket"), 400),
    "h2c": (fields(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"), 400),
    "an unknown expectation": (fields(b"Expect: gold", b"Content-Length: 0"), 417),
}
HOSTS = {
    "none": (fields(host=b""), 400),
    "two": (fields(host=HOST + HOST), 400),
    "empty": (fields(host=b"Host:\r\n"), 400),
    "with userinfo": (fields(host=b"Host: me@edge.eig.example\r\n"), 400),
    "with a path": (fields(host=b"Host: edge.eig.example/x\r\n"), 400),
    "a list": (fields(host=b"Host: edge.eig.example, other\r\n"), 400),
    "with a space": (fields(host=b"Host: edge.eig .example\r\n"), 400),
    "with a bad port": (fields(host=b"Host: edge.eig.example:http\r\n"), 400),
    "another": (fields(b"Content-Length: 0", host=b"Host: other.example\r\n"), 421),
}
FRAMING = {
    "Content-Length and Transfer-Encoding": (
        fields(b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    "the other way round": (fields(b"Transfer-Encoding: chunked", b"Content-Length: 4") + b"0\r\n\r\n", 400),
    "Content-Length twice": (fields(b"Content-Length: 4", b"Content-Length: 5") + b"abcde", 400),
    "Content-Length twice the same": (fields(b"Content-Length: 4", b"Content-Length: 4") + b"abcd", 400),
    "Content-Length a list": (fields(b"Content-Length: 4, 4") + b"abcd", 400),
    "Content-Length empty": (fields(b"Content-Length:"), 400),
    "Content-Length signed": (fields(b"Content-Length: +4") + b"abcd", 400),
    "Content-Length negative": (fields(b"Content-Length: -1"), 400),
    "Content-Length in hex": (fields(b"Content-Length: 0x4") + b"abcd", 400),
    "Content-Length with a space": (fields(b"Content-Length: 1 2") + b"abcd", 400),
    "Content-Length overflowing": (fields(b"Content-Length: 18446744073709551616"), 400),
    "Content-Length with a space before the colon": (fields(b"Content-Length : 4") + b"abcd", 400),
    "Transfer-Encoding twice": (
        fields(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    "Transfer-Encoding empty": (fields(b"Transfer-Encoding:"), 400),
    "Transfer-Encoding with parameters": (fields(b"Transfer-Encoding: chunked;q=1") + b"0\r\n\r\n", 400),
    "Transfer-Encoding quoted": (fields(b'Transfer-Encoding: "chunked"') + b"0\r\n\r\n", 400),
    "Transfer-Encoding xchunked": (fields(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n", 501),
    "Transfer-Encoding gzip": (fields(b"Transfer-Encoding: gzip"), 501),
    "Transfer-Encoding identity": (fields(b"Transfer-Encoding: identity"), 501),
    "chunked not last": (fields(b"Transfer-Encoding: chunked, gzip"), (400, 501)),
    "chunked twice": (fields(b"Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n", 400),
    "Transfer-Encoding with a space before the colon": (fields(b"Transfer-Encoding : chunked") + b"0\r\n\r\n", 400),
    "Transfer-Encoding with a vertical tab": (fields(b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n", 400),
    "Transfer-Encoding folded": (fields(b"Transfer-Encoding:", b" chunked") + b"0\r\n\r\n", 400),
    "HTTP/1.0 with Transfer-Encoding": (
        fields(b"Transfer-Encoding: chunked", line=b"POST /eig/any/x HTTP/1.0\r\n") + b"0\r\n\r\n", 505),
}
CHUNKS = {
    "an empty size": (CHUNKED + b"\r\nabc\r\n0\r\n\r\n", 400),
    "a size that is no hex": (CHUNKED + b"g\r\nabc\r\n0\r\n\r\n", 400),
    "a signed size": (CHUNKED + b"+3\r\nabc\r\n0\r\n\r\n", 400),
    "a size with 0x": (CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    "a size that overflows": (CHUNKED + b"10000000000000003\r\nabc\r\n0\r\n\r\n", (400, 413)),
    "a space before the size": (CHUNKED + b" 3\r\nabc\r\n0\r\n\r\n", 400),
    "a space after the size": (CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n", 400),
    "an extension": (CHUNKED + b"3;name=value\r\nabc\r\n0\r\n\r\n", 400),
    "an extension with a bare LF": (CHUNKED + b"3;\nxx\r\nabc\r\n0\r\n\r\n", 400),
    "a bare LF after the size": (CHUNKED + b"3\nabc\r\n0\r\n\r\n", 400),
    "data that is too long": (CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n", 400),
    "data without its end": (CHUNKED + b"3\r\nabc0\r\n\r\n", 400),
    "a framing name in the trailers": (CHUNKED + b"0\r\nContent-Length: 3\r\n\r\n", 400),
    "a routing name in the trailers": (CHUNKED + b"0\r\nHost: other.example\r\n\r\n", 400),
    "a credential in the trailers": (CHUNKED + b"0\r\nX-PASSWORD: x\r\n\r\n", 400),
    "a malformed trailer": (CHUNKED + b"0\r\nno colon\r\n\r\n", 400),
    "endless trailers": (CHUNKED + b"0\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(20000)) + b"\r\n", (400, 431)),
}
ALL = {f"{group}: {name}": case
       for group, cases in [("lines", LINES), ("request line", REQUEST_LINES), ("fields", FIELDS), ("Host", HOSTS),
                            ("framing", FRAMING), ("chunks", CHUNKS)]
       for name, case in cases.items()}


@pytest.fixture(scope="module")
def standing(module_lab):
    """One edge for the whole table: a case must leave it as it was."""
    # The table is about requests, not about passwords.
    module_lab.partners["payfast"]["credential"] = None
    module_lab.txn, module_lab.rpt
    return module_lab.start()


@pytest.mark.parametrize("name", ALL)
def test_each_malformed_request_gets_its_status_and_reaches_no_backend(standing, name):
    data, status = ALL[name]
    wanted = status if isinstance(status, tuple) else (status,)
    standing.txn.requests.clear()
    with standing.payfast.connect() as connection:
        try:
            connection.send(data + FOLLOW)
        except OSError:
            pass  # It may have closed while we were still talking; what it said is what counts.
        received = connection.rest()
    assert received.startswith(b"HTTP/1.1 "), received[:200]
    assert int(received.split(b" ")[1]) in wanted, received[:400]
    assert received.count(b"HTTP/1.1 ") == 1, f"more than one answer: {received}"
    assert b"\r\nConnection: close\r\n" in received
    assert standing.txn.requests == [], "it reached a backend"


CUT = {
    "in the request line": b"GET /eig/any/x HT",
    "in a field": LINE + b"Host: edge.eig",
    "before the empty line": LINE + HOST,
    "in the body": fields(b"Content-Length: 10") + b"abc",
    "in a chunk's size": CHUNKED + b"3",
    "in a chunk's data": CHUNKED + b"3\r\nab",
    "before the last chunk": CHUNKED + b"3\r\nabc\r\n",
    "before the final CRLF": CHUNKED + b"3\r\nabc\r\n0\r\n",
}


@pytest.mark.parametrize("name", CUT)
def test_a_request_that_ends_early_never_arrives_as_complete(standing, name):
    standing.txn.requests.clear()
    with standing.payfast.connect() as connection:
        connection.send(CUT[name])
        connection.connection.unwrap()
    assert standing.payfast.call("GET", "/eig/any/after").status == 200
    assert [request.target for request in standing.txn.requests] == ["/eig/any/after"]


ACCEPTED = {
    "one empty line first": b"\r\n" + target(b"/eig/any/x"),
    "a query": target(b"/eig/any/x?a=b&c=%20d"),
    "a Host with our port": b"GET /eig/any/x HTTP/1.1\r\nHost: edge.eig.example:8443\r\n\r\n",
    "names in any case": b"POST /eig/any/x HTTP/1.1\r\nhOST: edge.eig.example\r\nCONTENT-length: 2\r\n\r\nok",
    "tabs and spaces around a value": fields(b"X:\t two words \t", b"Content-Length: 0"),
    "an empty value": fields(b"X:", b"Content-Length: 0"),
    "chunk sizes in capitals with zeros": CHUNKED + b"00A\r\n0123456789\r\n0\r\n\r\n",
    "trailers, which are dropped": CHUNKED + b"2\r\nok\r\n0\r\nX-Checksum: 1\r\n\r\n",
    "64 fields": fields(*[b"X-%d: y" % index for index in range(62)], b"Content-Length: 0"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_odd_but_plain_arrives_once(standing, name):
    standing.txn.requests.clear()
    with standing.payfast.connect() as connection:
        connection.send(ACCEPTED[name])
        assert connection.response().status == 200
        # The connection is where it should be: the next request is read from its first byte.
        connection.send(FOLLOW)
        assert connection.response().status == 200
    assert [request.target.split("?")[0] for request in standing.txn.requests] == ["/eig/any/x", "/eig/any/smuggled"]
