// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@Suite("A request head")
struct RequestHeadTests {
    static let payment = """
        POST /eig/gsma/transactions?trace=1&x=%2F HTTP/1.1\r
        Host: edge.example:8443\r
        X-USERNAME: payfast\r
        X-PASSWORD: 5e884898da28047151d0e56f8dc62927\r
        X-DATE:2026-01-02 03:04:05 \t\r
        x-origincountry: IN\r
        Content-Type: application/json\r
        Content-Length: 128\r
        Expect: 100-continue\r
        X-Empty:\r
        X-EIG-Partner: mobicash\r
        \r

        """

    @Test("is taken apart into what it says")
    func takenApart() throws {
        let outcome = parseRequest(Self.payment + "{\"amount\"")
        guard case .value(let head) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(head.method == .post)
        #expect(head.target == "/eig/gsma/transactions?trace=1&x=%2F")
        #expect(head.path == "/eig/gsma/transactions")
        #expect(head.query == "trace=1&x=%2F")
        #expect(head.host == "edge.example")
        #expect(head.hostPort == 8443)
        #expect(head.framing == .length(128))
        #expect(head.isPersistent)
        #expect(head.expectsContinue)
        #expect(head.byteCount == Self.payment.utf8.count)
        let expected: [(String, String, KnownField)] = [
            ("Host", "edge.example:8443", .host),
            ("X-USERNAME", "payfast", .xUsername),
            ("X-PASSWORD", "5e884898da28047151d0e56f8dc62927", .xPassword),
            ("X-DATE", "2026-01-02 03:04:05", .xDate),
            ("x-origincountry", "IN", .xOriginCountry),
            ("Content-Type", "application/json", .contentType),
            ("Content-Length", "128", .contentLength),
            ("Expect", "100-continue", .expect),
            ("X-Empty", "", .other),
            ("X-EIG-Partner", "mobicash", .identity),
        ]
        #expect(head.fields == expected.map { ParsedRequest.Line(name: $0.0, value: $0.1, known: $0.2) })
    }

    @Test("is the same when it comes byte by byte")
    func trickled() {
        let bytes = Array(Self.payment.utf8)
        #expect(trickleRequest(bytes) == parseRequest(Self.payment))
    }

    @Test("is incomplete at every shorter length", arguments: [0, 1, 3, 4, 20, 55, 300])
    func incomplete(shorterBy: Int) {
        let bytes = Array(Self.payment.utf8)
        #expect(parseRequest(Array(bytes.dropLast(shorterBy + 1)), cuts: []) == .incomplete)
    }

    @Test("is looked at once, however slowly it comes")
    func once() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + String(repeating: "b", count: 100)
        var bytes = Array(text.utf8)
        var parser = RequestParser()
        var head = RequestHead()
        #expect(parser.parse(bytes.span, into: &head) == .incomplete)
        // Were any of it looked at again, it would be refused now: lines that are done, and what of this one is.
        let name = bytes.count - 108
        for index in bytes.indices where !(name..<name + 8).contains(index) { bytes[index] = 0 }
        bytes += Array("c\r\n\r\n".utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        #expect(head.fields[1].value.count == 101)
    }

    @Test("follows another in the same bytes, into the same head")
    func pipelined() {
        let first = "GET /a HTTP/1.1\r\nHost: one\r\nX-A: 1\r\nConnection: close\r\n\r\n"
        let second = "DELETE /b/c?d HTTP/1.1\r\nHost: two:1\r\nTransfer-Encoding: Chunked\r\n\r\n"
        let bytes = Array((first + second).utf8)
        var parser = RequestParser()
        var head = RequestHead()
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        #expect(!head.isPersistent && head.byteCount == first.utf8.count && head.framing == .none)
        let rest = Array(bytes[head.byteCount...])
        #expect(parser.parse(rest.span, into: &head) == .complete)
        #expect(parseRequest(second) == .value(ParsedRequest(head, of: rest.span)))
        #expect(head.isPersistent && head.framing == .chunked && head.fieldCount == 2)
    }

    @Test("may come behind one empty line")
    func emptyLineFirst() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        guard case .value(let value) = parseRequest("\r\n" + head) else {
            Issue.record("refused")
            return
        }
        #expect(value.byteCount == head.utf8.count + 2)
    }

    @Test("waits for 100 only when a body is to come")
    func expectation() {
        guard case .value(let head) = parseRequest("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n") else {
            Issue.record("refused")
            return
        }
        #expect(!head.expectsContinue)
    }

    @Test("cut short by the peer is refused, nothing at all is not")
    func endOfInput() {
        let parser = RequestParser()
        #expect(parser.endOfInput(unread: 0) == nil)
        #expect(parser.endOfInput(unread: 7)?.reason == .headTruncated)
    }
}
