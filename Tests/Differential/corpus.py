# SPDX-License-Identifier: Apache-2.0
"""What connections' peers send: valid requests, every borderline we know of, smuggling shapes, and noise around all.

The same seed makes the same cases, in the same order.
"""

import itertools
import random
from dataclasses import dataclass

HOST = "edge.example"


@dataclass(frozen=True)
class Case:
    """What one peer sends. A valid one is understood by everybody, and by everybody alike."""
    family: str
    data: bytes
    is_valid: bool = False


def head(line="POST /a HTTP/1.1", *fields, host=f"Host: {HOST}", end="\r\n"):
    lines = [line, *([host] if host is not None else []), *fields, "", ""]
    return end.join(lines).encode("latin-1")


def chunked(*parts, size="{:x}", extension="", trailer=""):
    chunks = "".join(f"{size.format(len(part))}{extension}\r\n{part}\r\n" for part in parts)
    return f"{chunks}0\r\n{trailer}\r\n".encode("latin-1")


#: What must never be a message of its own where a body hides it.
SMUGGLED = head("GET /smuggled HTTP/1.1")
NEXT = head("GET /next HTTP/1.1")
POST = "POST /a HTTP/1.1"
CHUNKED = "Transfer-Encoding: chunked"

LENGTHS = ["0", "5", "05", "000000005", "+5", "-5", "5 ", " 5", "5\t", "5,5", "5, 5", "5,6", "0x5", "5;", "5 5",
    "five", "", "5.0", "5e0", "18446744073709551615", "18446744073709551616", "9" * 30, "\x0b5", "5\x0b", "5\x00",
    "\xb2"]
CODINGS = ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked", "chunked\t", "chunked,", ",chunked",
    "chunked, chunked", "identity", "identity, chunked", "chunked, identity", "gzip", "gzip, chunked",
    "chunked, gzip", "xchunked", "chunkedx", "chunked;q=1", "chunked; a=b", "\"chunked\"", "'chunked'", "chunk", "",
    "\x0bchunked", "chunked\x0b", "chunked\x00", "\x00chunked", "chunked\x7f", "chun\tked", "c\xe4hunked",
    "chunked gzip", "x, , chunked"]
CODING_NAMES = ["Transfer-Encoding: {}", "transfer-encoding:{}", "Transfer-Encoding : {}",
    "Transfer-Encoding\t: {}", " Transfer-Encoding: {}", "Transfer_Encoding: {}", "Transfer-Encoding\x00: {}",
    "Transfer-Encoding\x0b: {}", "Transfer-\rEncoding: {}", "X: y\nTransfer-Encoding: {}",
    "X: y\rTransfer-Encoding: {}", "Transfer-Encoding:\r\n {}", "Transfer-Encoding:\n {}",
    "Transfer-Encoding: x\r\nTransfer-Encoding: {}", "Transfer-Encoding:: {}", "Transfer-Encoding; {}",
    "\xa0Transfer-Encoding: {}", ": {}", "Transfer Encoding: {}"]
SIZES = ["5", "05", "00000005", "0000000000000005", "00000000000000005", "5;a=b", "5;a", "5;", "5 ;a=b", "5 ",
    "5\t", " 5", "+5", "-5", "0x5", "5_", "5h", "", ";a=b", "5;a=\"b\r\nc\"", "5\x00", "5\xff", "FFFFFFFFFFFFFFFB5",
    "100000005", "10000000000000005", "5\r", "5;a\x00b", "5;\xff"]
TARGETS = ["/", "/a", "/a?b=c", "/a?", "/?", "/a//b", "//a", "/a/../b", "/..", "/a/./b", "/%2e/", "/a%2fb",
    "/a%00b", "/a%0d%0ab", "/a%zz", "/a%", "/a#b", "/a b", "/a\tb", "/a\x00b", "/a\x7fb", "/\xe4", "/a\\b", "/a{b}",
    "/a|b", "/a\"b", "/a<b>", "/a^b", "/a`b", "*", "a", "?a", "", "http://edge.example/a", "http://other.example/a",
    "HTTP://edge.example", "edge.example:80", "/" + "a" * 4000]
LINES = ["GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET\t/\tHTTP/1.1", "GET /",
    "GET / HTTP/1.0", "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.10", "GET / HTTP/01.1",
    "GET / http/1.1", "GET / HTTP/1,1", "GET / HTTP/11", "GET / HTTP/1.1x", "GET / HTTP/ 1.1", "GET / FTP/1.1",
    "GET /\x00 HTTP/1.1", "\x00GET / HTTP/1.1", "G\x00ET / HTTP/1.1", "G(T / HTTP/1.1", "get / HTTP/1.1",
    "Get / HTTP/1.1", "GET/ HTTP/1.1", "/ HTTP/1.1", "", "\r\nGET / HTTP/1.1", "\nGET / HTTP/1.1",
    "\r\n\r\nGET / HTTP/1.1", "\rGET / HTTP/1.1", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1", "OPTIONS / HTTP/1.1",
    "TRACE / HTTP/1.1", "CONNECT edge.example:80 HTTP/1.1", "PROPFIND / HTTP/1.1", "M-SEARCH / HTTP/1.1",
    "A" * 30 + " / HTTP/1.1", "G\xc4T / HTTP/1.1"]
HOSTS = [None, "Host:", "Host: ", "Host: edge.example", "host:edge.example", "Host:\tedge.example\t",
    "Host: edge.example:80", "Host: edge.example:", "Host: edge.example:080", "Host: edge.example:99999",
    "Host: edge.example:x", "Host: [::1]", "Host: [::1]:80", "Host: [::1", "Host: ::1", "Host: 127.0.0.1",
    "Host: a@edge.example", "Host: edge.example/a", "Host: edge.example, other", "Host: edge example",
    "Host: edge.example?a", "Host: edge.example#a", "Host: \x00", "Host: edge\x7f", "Host: \xe4.example",
    "Host: edge_a.example", "Host: edge.example.", "Host: .", "Host: -", "Host: " + "a" * 300,
    "Host : edge.example", " Host: edge.example", "Host: edge.example\r\nHost: edge.example",
    "Host: edge.example\r\nHost: other", "Host: edge.example\r\n folded"]
FIELDS = ["X: y", "X:y", "X:  y  ", "X:", "X: ", "X", "X y", ": y", " X: y", "X : y", "X\t: y", "X: y\r\n z",
    "X: y\r\n\tz", "X: y\r\n \r\n z", "X: \x00", "X: a\x01b", "X: a\x0bb", "X: a\x7fb", "X: a\x80b", "X: \xe4",
    "X: a\tb", "X\x00: y", "X\x80: y", "X(: y", "X_y: z", "X.y: z", "X!: y", "X\"y: z", "X: a\rb", "X: a\nb",
    "X: y\n", "X: y\r", "X: " + "a" * 4000, "Connection: close", "Connection: keep-alive", "Connection: Close",
    "Connection: close, x", "Connection: x", "Connection: ,close", "Connection: close close", "Connection: Host",
    "Connection: Content-Length", "Connection: Transfer-Encoding", "Connection: upgrade", "Upgrade: h2c",
    "Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    "Expect: 100-continue", "Expect: 100-Continue", "Expect: x", "TE: trailers", "Trailer: X",
    "Keep-Alive: timeout=5", "Proxy-Connection: close"]
TRAILERS = ["", "X: y\r\n", "X: y\r\nZ: w\r\n", "X : y\r\n", " X: y\r\n", "X\r\n", "X: \x00\r\n", "X: y\n",
    "Content-Length: 7\r\n", "Transfer-Encoding: chunked\r\n", "Host: other\r\n", "X: y\r\n z\r\n"]
ENDS = ["\n", "\r", "\r\r\n", "\n\r", "\r\n ", "\x0b\r\n", "\x0c\r\n", "\x85", "\r\n\x00"]


def smuggling():
    """Each length beside each coding, however its name is written, with a body that is one for only one of them."""
    body = chunked("hello")
    for length, coding in itertools.product([None, *LENGTHS], [None, *CODINGS]):
        fields = [*([f"Content-Length: {length}"] if length is not None else []),
                  *([f"Transfer-Encoding: {coding}"] if coding is not None else [])]
        for order in [fields, fields[::-1]] if len(fields) == 2 else [fields]:
            yield Case("length and coding", head(POST, *order) + body + NEXT)
    for name, coding in itertools.product(CODING_NAMES, ["chunked", "identity"]):
        field = name.format(coding)
        empty = b"0\r\n\r\n" + SMUGGLED
        yield Case("coding's name", head(POST, field) + body + NEXT)
        yield Case("coding's name", head(POST, "Content-Length: 5", field) + empty + NEXT)
        yield Case("coding's name", head(POST, field, f"Content-Length: {len(empty)}") + empty + NEXT)
    for first, second in itertools.product(["5", "6", "05", "x", ""], repeat=2):
        yield Case("two lengths", head(POST, f"Content-Length: {first}", f"Content-Length: {second}") + b"hello" + NEXT)
    for first, second in itertools.product(["chunked", "identity", "gzip", ""], repeat=2):
        codings = [f"Transfer-Encoding: {first}", f"Transfer-Encoding: {second}"]
        yield Case("two codings", head(POST, *codings) + body + NEXT)


def borderline():
    for line in LINES:
        yield Case("request line", head(line) + NEXT)
    for target, method in itertools.product(TARGETS, ["GET", "POST"]):
        yield Case("target", head(f"{method} {target} HTTP/1.1", "Content-Length: 0") + NEXT)
    for host, method in itertools.product(HOSTS, ["GET", "POST"]):
        yield Case("host", head(f"{method} / HTTP/1.1", "Content-Length: 0", host=host) + NEXT)
    for field in FIELDS:
        yield Case("field", head("GET / HTTP/1.1", field) + NEXT)
        yield Case("field", head("POST / HTTP/1.1", field, "Content-Length: 5") + b"hello" + NEXT)
        yield Case("field", head("GET / HTTP/1.1", field, host=None) + NEXT)
    for size, trailer in itertools.product(SIZES, TRAILERS):
        data = f"{size}\r\nhello\r\n0\r\n{trailer}\r\n".encode("latin-1")
        yield Case("chunk", head(POST, CHUNKED) + data + NEXT)
    for end in ENDS:
        yield Case("line end", head("GET / HTTP/1.1", end=end) + NEXT)
        yield Case("line end", head().replace(b"HTTP/1.1\r\n", b"HTTP/1.1" + end.encode("latin-1")) + NEXT)
        length = head(POST, "Content-Length: 5").replace(b"5\r\n", b"5" + end.encode("latin-1"))
        yield Case("line end", length + b"hello" + NEXT)
        for place in ["{e}hello\r\n0\r\n\r\n", "\r\nhello{e}0\r\n\r\n", "\r\nhello\r\n0{e}\r\n",
                      "\r\nhello\r\n0\r\n{e}"]:
            data = ("5" + place.format(e=end)).encode("latin-1")
            yield Case("chunk's line end", head(POST, CHUNKED) + data + NEXT)
    for text in ["hellox", "hell", "hello\n", "hello\r", "hello\r\n\r\n", "\r\nhello"]:
        data = f"5\r\n{text}0\r\n\r\n".encode("latin-1")
        yield Case("chunk's content", head(POST, CHUNKED) + data + NEXT)
    for method, length in itertools.product(["GET", "HEAD", "DELETE", "PUT", "PATCH"], ["0", "5"]):
        yield Case("body", head(f"{method} /a HTTP/1.1", f"Content-Length: {length}") + b"hello"[: int(length)] + NEXT)


def valid(random_):
    """One to three requests as a careful client sends them."""
    data = b""
    for _ in range(random_.randint(1, 3)):
        method = random_.choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        segments = [random_.choice("abcXYZ") + "".join(random_.choices("abcXYZ0189-._~", k=random_.randint(0, 8)))
                    for _ in range(random_.randint(1, 3))]
        target = "/" + "/".join(segments)
        target += random_.choice(["", "?a=b", "?a=%20b&c=d", "?x"])
        fields = [f"{name}{random_.choice([': ', ':', ':  '])}{value}"
                  for name, value in random_.sample(_ORDINARY, random_.randint(0, 6))]
        body = "".join(random_.choices("abc{}\":, \r\n", k=random_.randint(0, 40)))
        content = b""
        if method not in ("GET", "HEAD", "DELETE"):
            if random_.random() < 0.5:
                fields.append(f"{random_.choice(['Content-Length', 'content-length'])}: {len(body)}")
                content = body.encode()
            else:
                fields.append(f"{random_.choice(['Transfer-Encoding', 'TRANSFER-ENCODING'])}: chunked")
                cut = random_.randint(0, len(body))
                parts = [part for part in (body[:cut], body[cut:]) if part]
                content = chunked(*parts, size=random_.choice(["{:x}", "{:X}", "0{:x}"]))
        random_.shuffle(fields)
        data += head(f"{method} {target} HTTP/1.1", *fields) + content
    return Case("valid", data, is_valid=True)


_ORDINARY = [("User-Agent", "curl/8.0"), ("Accept", "*/*"), ("Accept-Encoding", "gzip, br"),
    ("Content-Type", "application/json; charset=utf-8"), ("X-Request-Id", "01a1fe64-aa9d-7f25"),
    ("Authorization", "Basic YTpi"), ("X-CorrelationID", "\"quoted, text\""), ("Cookie", "a=b; c=d"),
    ("Date", "Sat, 21 Nov 2026 19:00:00 GMT"), ("If-Match", "\"x\""), ("X-Date", "2026-11-21T19:00:00Z"),
    ("Idempotency-Key", "k-1"), ("Connection", "keep-alive"), ("X-Empty", ""), ("X-Long", "v" * 500),
    ("Forwarded", "for=192.0.2.1;proto=https")]

_NOISE = b"\t\n\r :/,;\x00\x0b\x7f\x80\xff05aG-\"_("


def mutated(random_, case):
    """The same with one to three bytes changed, added, taken away or said twice."""
    data = bytearray(case.data)
    for _ in range(random_.choice([1, 1, 1, 2, 3])):
        at = random_.randrange(len(data))
        what = random_.randrange(6)
        if what == 0:
            data[at] = random_.randrange(256)
        elif what == 1:
            data.insert(at, random_.choice(_NOISE))
        elif what == 2:
            del data[at]
        elif what == 3:
            data[at] ^= 1 << random_.randrange(8)
        elif what == 4:
            end = min(len(data), at + random_.randint(1, 40))
            data[at:at] = data[at:end]
        else:
            line = data.find(b"\r\n", at)
            if line >= 0:
                data[line:line + 2] = random_.choice([b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b"", b"\r\r\n"])
        if not data:
            break
    return Case(f"{case.family}, changed", bytes(data))


def cases(seed=1, valid_count=1500, mutated_count=3000):
    random_ = random.Random(seed)
    good = [valid(random_) for _ in range(valid_count)]
    known = [*smuggling(), *borderline()]
    noisy = [mutated(random_, random_.choice(good if random_.random() < 0.4 else known)) for _ in range(mutated_count)]
    return [case for case in [*good, *known, *noisy] if case.data]
