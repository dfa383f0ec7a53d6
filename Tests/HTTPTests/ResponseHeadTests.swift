// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@Suite("A response head")
struct ResponseHeadTests {
    struct Framing: Sendable, CustomTestStringConvertible {
        let head: String
        var method = Method.get
        let framing: BodyFraming
        let isPersistent: Bool

        var testDescription: String { "\(method.name): \(head.replacing("\r\n", with: "\u{23ce}"))" }

        init(_ head: String, to method: Method = .get, _ framing: BodyFraming, isPersistent: Bool = true) {
            self.head = head
            self.method = method
            self.framing = framing
            self.isPersistent = isPersistent
        }
    }

    static let framings: [Framing] = [
        Framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .length(5)),
        Framing("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", to: .post, .length(0)),
        Framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n", .chunked),
        Framing("HTTP/1.1 200 OK\r\n\r\n", .untilClose, isPersistent: false),
        Framing("HTTP/1.1 500 \r\n\r\n", .untilClose, isPersistent: false),
        Framing("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", .length(5)),
        Framing("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", .length(5), isPersistent: false),
        Framing(
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 5\r\n\r\n",
            .length(5),
            isPersistent: false
        ),
        Framing("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", .length(5)),
        Framing("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\n", .length(5)),
        Framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: .head, .none),
        Framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", to: .head, .none),
        Framing("HTTP/1.1 200 OK\r\n\r\n", to: .head, .none),
        Framing("HTTP/1.1 204 No Content\r\n\r\n", to: .put, .none),
        Framing("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", .none),
        Framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", .none),
        Framing("HTTP/1.1 304 Not Modified\r\n\r\n", .none),
        Framing("HTTP/1.1 100 Continue\r\n\r\n", .none),
        Framing("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", .none),
    ]

    @Test("frames its body by status, fields and what was asked", arguments: framings)
    func framed(_ testCase: Framing) {
        let bytes = Array(testCase.head.utf8)
        let outcome = parseResponse(bytes, to: testCase.method)
        guard case .value(let head) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(head.framing == testCase.framing)
        #expect(head.isPersistent == testCase.isPersistent)
        #expect(head.byteCount == bytes.count)
        #expect(parseResponse(bytes, to: testCase.method, cuts: Array(0..<bytes.count)) == outcome)
        for byteCount in bytes.indices {
            #expect(parseResponse(Array(bytes[..<byteCount]), to: testCase.method) == .incomplete)
        }
    }

    @Test("is taken apart into what it says")
    func takenApart() {
        let text =
            "HTTP/1.1 202 As you  wish\r\nDate: now\r\nset-cookie: a\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\n{}"
        guard case .value(let head) = parseResponse(Array(text.utf8)) else {
            Issue.record("refused")
            return
        }
        #expect(head.status == 202)
        #expect(head.reason == "As you  wish")
        #expect(head.fields.map(\.known) == [.date, .setCookie, .setCookie, .contentLength])
        #expect(head.byteCount == text.utf8.count - 2)
    }

    static let refusals: [RefusalCase] = [
        RefusalCase("an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", .versionUnsupported),
        RefusalCase("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", .versionUnsupported),
        RefusalCase("lower case", "http/1.1 200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("another protocol", "ICY 200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", .statusLineMalformed),
        RefusalCase("no status", "HTTP/1.1\r\n\r\n", .statusLineMalformed),
        RefusalCase("two digits", "HTTP/1.1 20 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("four digits", "HTTP/1.1 2000 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("two spaces", "HTTP/1.1  200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("a tab", "HTTP/1.1\t200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("a tab behind", "HTTP/1.1 200\tOK\r\n\r\n", .statusLineMalformed),
        RefusalCase("letters", "HTTP/1.1 2xx OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("a sign", "HTTP/1.1 +20 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("099", "HTTP/1.1 099 OK\r\n\r\n", .statusOutOfRange),
        RefusalCase("600", "HTTP/1.1 600 OK\r\n\r\n", .statusOutOfRange),
        RefusalCase("space first", " HTTP/1.1 200 OK\r\n\r\n", .statusLineMalformed),
        RefusalCase("unasked 101", "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", .switchedProtocols),
        RefusalCase("bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\n", .bareLineFeed),
        RefusalCase("bare CR", "HTTP/1.1 200 O\rK\r\n\r\n", .bareCarriageReturn),
        RefusalCase("UTF-8", "HTTP/1.1 200 \u{e4}\r\n\r\n", .nonASCIIOctet),
        RefusalCase("NUL", "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", .controlOctet),
        RefusalCase("a folded field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .fieldFolded),
        RefusalCase("a space before the colon", "HTTP/1.1 200 OK\r\nX : a\r\n\r\n", .fieldNameWhitespace),
        RefusalCase("a field without colon", "HTTP/1.1 200 OK\r\nX\r\n\r\n", .fieldWithoutColon),
        RefusalCase("an underscore", "HTTP/1.1 200 OK\r\nX_Y: a\r\n\r\n", .fieldNameCharacter),
        RefusalCase("two types", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n", .fieldRepeated),
        RefusalCase(
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            .contentLengthRepeated
        ),
        RefusalCase("a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", .contentLengthMalformed),
        RefusalCase(
            "length and chunked",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthAndTransferEncoding
        ),
        RefusalCase("gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferCodingUnknown),
        RefusalCase("identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", .transferCodingUnknown),
        RefusalCase("Connection: host", "HTTP/1.1 200 OK\r\nConnection: host\r\n\r\n", .connectionNamesProtectedField),
        RefusalCase("204 with a body", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", .bodyNotAllowed),
        RefusalCase("204 chunked", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", .bodyNotAllowed),
        RefusalCase("100 with a body", "HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n", .bodyNotAllowed),
        RefusalCase("an endless status line", "HTTP/1.1 200 " + String(repeating: "a", count: 9000), .startLineTooLong),
        RefusalCase(
            "an endless field",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 9000),
            .fieldLineTooLong
        ),
        RefusalCase(
            "65 fields",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X: a\r\n", count: 65) + "\r\n",
            .tooManyFields
        ),
    ]

    @Test("is refused with 502, whole and byte by byte", arguments: refusals)
    func refused(_ testCase: RefusalCase) {
        let outcome = parseResponse(testCase.bytes)
        guard case .refused(let refusal) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusal.reason == testCase.reason)
        #expect(refusal.status == 502)
        #expect(parseResponse(testCase.bytes, cuts: Array(0..<testCase.bytes.count)) == outcome)
    }

    @Test("may come behind eight interim ones, not behind nine", arguments: [0, 1, 8, 9])
    func interim(count: Int) {
        var parser = ResponseParser()
        var head = ResponseHead()
        let interim = Array("HTTP/1.1 102 Processing\r\n\r\n".utf8)
        for number in 0..<count {
            let outcome = parser.parse(interim.span, requestMethod: .post, into: &head)
            if number < 8 {
                #expect(outcome == .complete && head.isInterim)
            } else {
                #expect(outcome == .refused(Refusal(.tooManyInterimResponses, at: 25, side: .response)))
                return
            }
        }
        let final = Array("HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n".utf8)
        #expect(parser.parse(final.span, requestMethod: .post, into: &head) == .complete)
        #expect(!head.isInterim && head.framing == .length(1))
    }

    @Test("cut short is refused, even before its first byte")
    func endOfInput() {
        let parser = ResponseParser()
        #expect(parser.endOfInput(unread: 0) == Refusal(.headTruncated, at: 0, side: .response))
    }
}
