// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@Suite("A head that is written")
struct HeadWriterTests {
    /// Parses `text` and writes it as it would go on.
    static func forwarded(_ text: String, except excluded: FieldSet = FieldSet()) -> String? {
        let bytes = Array(text.utf8)
        var parser = RequestParser()
        var head = RequestHead()
        guard parser.parse(bytes.span, into: &head) == .complete else { return nil }
        var output = ByteBuffer()
        HeadWriter.requestLine(head.method, target: bytes.span[head.target], into: &output)
        HeadWriter.forwardedFields(of: head, in: bytes.span, except: excluded, into: &output)
        HeadWriter.framing(head.framing, into: &output)
        HeadWriter.end(into: &output)
        return String(output.bytes)
    }

    @Test("keeps the fields for everybody, in order, spelled the same way")
    func forwards() {
        let text = """
            POST /a?b HTTP/1.1\r
            Host: a\r
            X-One:1\r
            X-EIG-Partner: mobicash\r
            X-Two:   2 2 \t \r
            Connection: x-three, close\r
            X-Three: 3\r
            Keep-Alive: timeout=5\r
            TE: trailers\r
            Trailer: X\r
            Proxy-Connection: close\r
            Proxy-Authorization: Basic YQ==\r
            Forwarded: for=1.2.3.4\r
            Expect: 100-continue\r
            content-length: 0042\r
            X-Four: 4\r
            X-Empty:\r
            \r

            """
        let expected = """
            POST /a?b HTTP/1.1\r
            Host: a\r
            X-One: 1\r
            X-Two: 2 2\r
            X-Four: 4\r
            X-Empty: \r
            Content-Length: 42\r
            \r

            """
        #expect(Self.forwarded(text) == expected)
    }

    @Test("leaves out what its writer wants to say itself")
    func excludes() {
        let text = "GET / HTTP/1.1\r\nA: 1\r\nHost: a\r\nB: 2\r\ntraceparent: 0\r\nC: 3\r\n\r\n"
        let expected = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"
        #expect(Self.forwarded(text, except: FieldSet([.host, .traceparent])) == expected)
        let none = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(Self.forwarded(none, except: FieldSet([.host])) == "GET / HTTP/1.1\r\n\r\n")
    }

    @Test("of a response keeps what is for the client", arguments: [Method.get, .head])
    func response(method: Method) {
        let text =
            "HTTP/1.1 200 Yes\r\nDate: now\r\nTransfer-Encoding: chunked\r\nX-EIG-Partner: x\r\nSet-Cookie:a\r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = ResponseParser()
        var head = ResponseHead()
        #expect(parser.parse(bytes.span, requestMethod: method, into: &head) == .complete)
        var output = ByteBuffer()
        HeadWriter.statusLine(head.status, into: &output)
        HeadWriter.forwardedFields(of: head, in: bytes.span, into: &output)
        HeadWriter.framing(head.framing, into: &output)
        HeadWriter.end(into: &output)
        let framing = method == .head ? "" : "Transfer-Encoding: chunked\r\n"
        #expect(String(output.bytes) == "HTTP/1.1 200 OK\r\nDate: now\r\nSet-Cookie: a\r\n\(framing)\r\n")
    }

    @Test("asks the rule about one field as it does about all")
    func oneByOne() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: y\r\nX: 1\r\nY: 2\r\nForwarded: z\r\n\r\n".utf8)
        var parser = RequestParser()
        var head = RequestHead()
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        var forwarded: [String] = []
        for index in head.fields.indices {
            let field = head.fields[index]
            if FieldPolicy.forwards(field, of: head, in: bytes.span) {
                forwarded.append(String(bytes.span[field.name]))
            }
        }
        #expect(forwarded == ["Host", "X"])
    }

    static let statuses = [100, 200, 202, 204, 400, 405, 413, 414, 417, 421, 429, 431, 500, 501, 502, 503, 504, 505]

    @Test("names every status there is a refusal or an answer for", arguments: statuses)
    func reasons(status: Int) {
        #expect(ReasonPhrase.of(status).utf8CodeUnitCount > 0)
        var output = ByteBuffer()
        HeadWriter.statusLine(status, into: &output)
        HeadWriter.end(into: &output)
        guard case .value(let head) = parseResponse(output.array) else {
            Issue.record("our own status line is refused")
            return
        }
        #expect(head.status == status && head.reason == "\(ReasonPhrase.of(status))")
    }

    @Test("puts a base path before the target")
    func prefix() {
        var output = ByteBuffer()
        let (prefix, target) = (Array("/base".utf8), Array("/a?b".utf8))
        HeadWriter.requestLine(.patch, prefix: prefix.span, target: target.span, into: &output)
        #expect(String(output.bytes) == "PATCH /base/a?b HTTP/1.1\r\n")
    }

    static let badValues = ["a\r\nX: b", "a\nb", "a\rb", "a\0", "\u{e4}", " a", "a ", "\ta", "a\u{7f}", "\r\n"]

    @Test("takes no value that would not come back as one", arguments: badValues)
    func injection(value: String) {
        var output = ByteBuffer()
        let bytes = Array(value.utf8)
        #expect(!HeadWriter.field("X-A", bytes.span, into: &output))
        let name = "X-A"
        #expect(!HeadWriter.field(name, value, into: &output))
        #expect(output.array == [])
    }

    @Test("takes no name that is none", arguments: ["", "X A", "X:", "X\r\nY", "X_Y", "\u{e4}"])
    func badName(name: String) {
        var output = ByteBuffer()
        let value = "b"
        #expect(!HeadWriter.field(name, value, into: &output))
        #expect(output.array == [])
    }

    @Test("writes each kind of value")
    func values() {
        var output = ByteBuffer()
        let (text, bytes) = ("d e", Array("f".utf8))
        HeadWriter.field("A", "b", into: &output)
        HeadWriter.field("C", text, into: &output)
        HeadWriter.field("E", bytes.span, into: &output)
        HeadWriter.field("G", decimal: 42, into: &output)
        HeadWriter.framing(.chunked, into: &output)
        HeadWriter.framing(.length(7), into: &output)
        HeadWriter.framing(.none, into: &output)
        HeadWriter.framing(.untilClose, into: &output)
        let expected = "A: b\r\nC: d e\r\nE: f\r\nG: 42\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n"
        #expect(String(output.bytes) == expected)
    }

    @Test("knows a target from what is none", arguments: ["/", "/a", "/a/b?c=%20d&e", "/a;b=c,d@e:f!$'()*+~_-."])
    func targets(target: String) {
        let bytes = Array(target.utf8)
        let isTarget = HeadWriter.isTarget(bytes.span)
        #expect(isTarget)
        for wrong in ["", "a", "*", "/a b", "/\r\n", "/\u{e4}", "/..", "/%", "/a#b", "//a", "/\u{c1}"] {
            let bytes = Array(wrong.utf8)
            let isTarget = HeadWriter.isTarget(bytes.span)
            #expect(!isTarget, "\(wrong)")
        }
    }

    @Test("knows its methods by name, exactly")
    func methods() {
        for method in Method.allCases {
            #expect(Method(name: "\(method.name)") == method)
            #expect(Method(name: "\(method.name)".lowercased()) == nil)
        }
        #expect(Method(name: "OPTIONS") == nil && Method(name: "") == nil)
    }
}
