// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

/// Bytes that must be refused, and what for.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]
    let reason: RefusalReason
    let status: Int

    var testDescription: String { "\(what): \(reason.rawValue)" }

    init(_ what: String, _ text: String, _ reason: RefusalReason, _ status: Int = 400) {
        self.init(what, bytes: Array(text.utf8), reason, status)
    }

    init(_ what: String, bytes: [UInt8], _ reason: RefusalReason, _ status: Int = 400) {
        self.what = what
        self.bytes = bytes
        self.reason = reason
        self.status = status
    }

    /// A request whose first line is `line`.
    static func line(_ line: String, _ reason: RefusalReason, _ status: Int = 400) -> RefusalCase {
        RefusalCase("'\(line)'", "\(line)\r\nHost: a\r\n\r\n", reason, status)
    }

    /// A POST with these field lines after Host.
    static func fields(_ fields: String, _ reason: RefusalReason, _ status: Int = 400) -> RefusalCase {
        let shown = fields.replacing("\r\n", with: "\u{23ce}")
        return RefusalCase("'\(shown)'", "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", reason, status)
    }

    /// A GET with this Host value.
    static func host(_ value: String, _ reason: RefusalReason) -> RefusalCase {
        RefusalCase("Host '\(value)'", "GET / HTTP/1.1\r\nHost:\(value)\r\n\r\n", reason)
    }
}

@Suite("A request is refused")
struct RequestRefusalTests {
    static let get = "GET / HTTP/1.1\r\n"

    static let lines: [RefusalCase] = [
        RefusalCase("bare LF ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed),
        RefusalCase("bare LF ends a field", get + "Host: a\nX: b\r\n\r\n", .bareLineFeed),
        RefusalCase("bare LF ends the head", get + "Host: a\r\n\n", .bareLineFeed),
        RefusalCase("bare LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
        RefusalCase("bare LF without version", "GET /\n", .bareLineFeed),
        RefusalCase("bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
        RefusalCase("bare CR in a value", get + "Host: a\rb\r\n\r\n", .bareCarriageReturn),
        RefusalCase("bare CR ends a line", get + "Host: a\rX: b\r\n\r\n", .bareCarriageReturn),
        RefusalCase("CR CR LF", get + "Host: a\r\r\n\r\n", .bareCarriageReturn),
        RefusalCase("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .controlOctet),
        RefusalCase("NUL in a value", get + "Host: a\r\nX: b\0c\r\n\r\n", .controlOctet),
        RefusalCase("NUL in a name", get + "Host: a\r\nX\0: b\r\n\r\n", .controlOctet),
        RefusalCase("escape in a value", get + "Host: a\r\nX: \u{1b}[2J\r\n\r\n", .controlOctet),
        RefusalCase("vertical tab in a value", get + "Host: a\r\nX: a\u{b}b\r\n\r\n", .controlOctet),
        RefusalCase("DEL in a value", get + "Host: a\r\nX: a\u{7f}b\r\n\r\n", .controlOctet),
        RefusalCase("a TLS ClientHello", bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], .controlOctet),
        RefusalCase("obs-text in a value", bytes: Array((get + "Host: a\r\nX: ").utf8) + [0xe4], .nonASCIIOctet),
        RefusalCase("UTF-8 in a value", get + "Host: a\r\nX: \u{e4}\r\n\r\n", .nonASCIIOctet),
        RefusalCase("UTF-8 in a name", get + "Host: a\r\nX\u{e4}: b\r\n\r\n", .nonASCIIOctet),
        RefusalCase("UTF-8 in the target", "GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", .nonASCIIOctet),
        RefusalCase("space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", .whitespaceBeforeStartLine),
        RefusalCase("tab first", "\tGET / HTTP/1.1\r\nHost: a\r\n\r\n", .whitespaceBeforeStartLine),
        RefusalCase("space before the first field", get + " Host: a\r\n\r\n", .whitespaceBeforeFirstField),
        RefusalCase("tab before the first field", get + "\tHost: a\r\n\r\n", .whitespaceBeforeFirstField),
        RefusalCase("a blank line before the first field", get + " \r\nHost: a\r\n\r\n", .whitespaceBeforeFirstField),
        RefusalCase("two empty lines first", "\r\n\r\n" + get + "Host: a\r\n\r\n", .emptyLinesFirst),
    ]

    static let requestLines: [RefusalCase] = [
        .line("GET  / HTTP/1.1", .requestLineWhitespace),
        .line("GET /  HTTP/1.1", .requestLineWhitespace),
        .line("GET\t/ HTTP/1.1", .requestLineWhitespace),
        .line("GET /\tHTTP/1.1", .requestLineWhitespace),
        .line("GET /a\tb HTTP/1.1", .requestLineWhitespace),
        .line("GET / HTTP/1.1 ", .requestLineWhitespace),
        .line("GET / HTTP/1.1\t", .requestLineWhitespace),
        .line("GET /a b HTTP/1.1", .requestLineWhitespace),
        .line("GET /a?b c HTTP/1.1", .requestLineWhitespace),
        .line("GET  HTTP/1.1", .requestLineWhitespace),
        .line("GET / HTTP/1.1 HTTP/1.1", .requestLineWhitespace),
        .line("GET", .requestLineMalformed),
        .line("GET/HTTP/1.1", .methodNotToken),
        .line("GET /", .versionMissing),
        .line("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaa", .versionMissing),
        .line("GET HTTP/1.1", .versionMissing),
        .line("PATCH HTTP/1.1", .versionMissing),
        .line("DELETE HTTP/1.1", .versionMissing),
        .line("PATCH  HTTP/1.1", .requestLineWhitespace),
        .line("GET / HTTP/1.0", .versionUnsupported, 505),
        .line("GET / HTTP/0.9", .versionUnsupported, 505),
        .line("GET / HTTP/2.0", .versionUnsupported, 505),
        .line("GET / HTTP/9.9", .versionUnsupported, 505),
        .line("GET / HTTP/1.2", .versionUnsupported, 505),
        .line("GET / http/1.1", .versionMalformed),
        .line("GET / Http/1.1", .versionMalformed),
        .line("GET / HTTP/1.10", .versionMalformed),
        .line("GET / HTTP/01.1", .versionMalformed),
        .line("GET / HTTP/1", .versionMalformed),
        .line("GET / HTTP/11", .versionMalformed),
        .line("GET / HTTP/1,1", .versionMalformed),
        .line("GET / HTTPS/1.1", .versionMalformed),
        .line("GET / ICE/1.1", .versionMalformed),
        .line("PRI * HTTP/2.0", .http2Preface),
        .line("G@T / HTTP/1.1", .methodNotToken),
        .line("GET: / HTTP/1.1", .methodNotToken),
        .line("\"GET\" / HTTP/1.1", .methodNotToken),
        .line("get / HTTP/1.1", .methodUnknown, 501),
        .line("Post / HTTP/1.1", .methodUnknown, 501),
        .line("GETT / HTTP/1.1", .methodUnknown, 501),
        .line("PROPFIND / HTTP/1.1", .methodUnknown, 501),
        .line("X / HTTP/1.1", .methodUnknown, 501),
        .line("OPTIONS * HTTP/1.1", .methodNotAllowed, 405),
        .line("OPTIONS / HTTP/1.1", .methodNotAllowed, 405),
        .line("TRACE / HTTP/1.1", .methodNotAllowed, 405),
        .line("CONNECT a:443 HTTP/1.1", .methodNotAllowed, 405),
    ]

    static let targets: [RefusalCase] = [
        .line("GET http://a/ HTTP/1.1", .targetAbsoluteForm),
        .line("GET HTTPS://a/b?c HTTP/1.1", .targetAbsoluteForm),
        .line("GET * HTTP/1.1", .targetAsteriskForm),
        .line("GET a:443 HTTP/1.1", .targetNotOriginForm),
        .line("GET a/b HTTP/1.1", .targetNotOriginForm),
        .line("GET ?a HTTP/1.1", .targetNotOriginForm),
        .line("GET mailto:a HTTP/1.1", .targetNotOriginForm),
        .line("GET %2Fa HTTP/1.1", .targetNotOriginForm),
        .line("GET //a/b HTTP/1.1", .targetDoubleSlashFirst),
        .line("GET /a#b HTTP/1.1", .targetFragment),
        .line("GET /a?b#c HTTP/1.1", .targetFragment),
        .line("GET /a\\b HTTP/1.1", .targetCharacter),
        .line("GET /a|b HTTP/1.1", .targetCharacter),
        .line("GET /<a> HTTP/1.1", .targetCharacter),
        .line("GET /a\"b HTTP/1.1", .targetCharacter),
        .line("GET /a{b} HTTP/1.1", .targetCharacter),
        .line("GET /a?[b] HTTP/1.1", .targetCharacter),
        .line("GET /a?b^c HTTP/1.1", .targetCharacter),
        .line("GET /a`b HTTP/1.1", .targetCharacter),
        .line("GET /% HTTP/1.1", .targetPercentEncoding),
        .line("GET /%4 HTTP/1.1", .targetPercentEncoding),
        .line("GET /%4x HTTP/1.1", .targetPercentEncoding),
        .line("GET /%zz HTTP/1.1", .targetPercentEncoding),
        .line("GET /a?b=% HTTP/1.1", .targetPercentEncoding),
        .line("GET /a?b=%u0041 HTTP/1.1", .targetPercentEncoding),
        .line("GET /a%00b HTTP/1.1", .targetEncodedNUL),
        .line("GET /a?b=%00 HTTP/1.1", .targetEncodedNUL),
        .line("GET /a%0d%0aX:%20y HTTP/1.1", .targetEncodedControl),
        .line("GET /a%7f HTTP/1.1", .targetEncodedControl),
        .line("GET /a%2fb HTTP/1.1", .targetEncodedSlash),
        .line("GET /a%2Fb HTTP/1.1", .targetEncodedSlash),
        .line("GET /a%5cb HTTP/1.1", .targetEncodedSlash),
        .line("GET /. HTTP/1.1", .targetDotSegment),
        .line("GET /.. HTTP/1.1", .targetDotSegment),
        .line("GET /a/./b HTTP/1.1", .targetDotSegment),
        .line("GET /a/../b HTTP/1.1", .targetDotSegment),
        .line("GET /a/..?b HTTP/1.1", .targetDotSegment),
        .line("GET /a/%2e%2E/b HTTP/1.1", .targetDotSegment),
        .line("GET /a/.%2e/b HTTP/1.1", .targetDotSegment),
        .line("GET /a/%2e./b HTTP/1.1", .targetDotSegment),
        .line("GET /a/%2e HTTP/1.1", .targetDotSegment),
    ]

    static let fieldLines: [RefusalCase] = [
        .fields("X-A", .fieldWithoutColon),
        .fields("X A", .fieldWithoutColon),
        .fields("X@A", .fieldWithoutColon),
        .fields("X-A-Name-Of-More-Than-Sixteen-Bytes", .fieldWithoutColon),
        .fields(": b", .fieldNameEmpty),
        .fields(":", .fieldNameEmpty),
        .fields("X-A : b", .fieldNameWhitespace),
        .fields("X-A\t: b", .fieldNameWhitespace),
        .fields("Content-Length : 5", .fieldNameWhitespace),
        .fields("Transfer-Encoding : chunked", .fieldNameWhitespace),
        .fields("X A: b", .fieldNameWhitespace),
        .fields("X(A): b", .fieldNameNotToken),
        .fields("X/A: b", .fieldNameNotToken),
        .fields("\"X\": b", .fieldNameNotToken),
        .fields("X=A: b", .fieldNameNotToken),
        .fields("X_A: b", .fieldNameCharacter),
        .fields("X-EIG_Partner: b", .fieldNameCharacter),
        .fields("Content_Length: 5", .fieldNameCharacter),
        .fields("Transfer.Encoding: chunked", .fieldNameCharacter),
        .fields("X-A-Name-Of-More-Than-Sixteen_Bytes: b", .fieldNameCharacter),
        .fields("X-A: b\r\n c", .fieldFolded),
        .fields("X-A: b\r\n\tc", .fieldFolded),
        .fields("Transfer-Encoding: chunked\r\n ,gzip", .fieldFolded),
        .fields("X-A: b\r\n ", .fieldFolded),
        .fields("Authorization: Basic YQ==\r\nauthorization: Basic Yg==", .fieldRepeated),
        .fields("X-USERNAME: a\r\nx-username: a", .fieldRepeated),
        .fields("X-PASSWORD: a\r\nX-Password: b", .fieldRepeated),
        .fields("X-User-Credential-1: a\r\nX-User-Credential-1: b", .fieldRepeated),
        .fields("X-User-Credential-2: a\r\nX-User-Credential-2: b", .fieldRepeated),
        .fields("Content-Type: a/b\r\nContent-Type: a/b", .fieldRepeated),
        .fields("Idempotency-Key: a\r\nIdempotency-Key: b", .fieldRepeated),
        .fields("Expect: 100-continue\r\nExpect: 100-continue", .fieldRepeated),
        .fields("Connection: Host", .connectionNamesProtectedField),
        .fields("Connection: close, content-length", .connectionNamesProtectedField),
        .fields("Connection: Transfer-Encoding", .connectionNamesProtectedField),
        .fields("Connection: x,authorization", .connectionNamesProtectedField),
        .fields("Connection: X-Username", .connectionNamesProtectedField),
        .fields("Connection: close\r\nConnection: x-user-credential-1", .connectionNamesProtectedField),
        .fields("Connection: a b", .connectionMalformed),
        .fields("Connection: \"close\"", .connectionMalformed),
        .fields("Connection: close;x", .connectionMalformed),
        .fields("Expect: 200-ok", .expectationUnknown, 417),
        .fields("Expect: 100-continue, x", .expectationUnknown, 417),
        .fields("Expect:", .expectationUnknown, 417),
        .fields("Upgrade: h2c", .upgradeRequested),
        .fields("Connection: Upgrade\r\nUpgrade: websocket", .upgradeRequested),
        .fields("HTTP2-Settings: AAMAAABk", .upgradeRequested),
    ]

    static let hosts: [RefusalCase] = [
        RefusalCase("no Host", get + "X: a\r\n\r\n", .hostMissing),
        RefusalCase("no field at all", get + "\r\n", .hostMissing),
        RefusalCase("Host twice", get + "Host: a\r\nhost: a\r\n\r\n", .hostRepeated),
        .host("", .hostEmpty),
        .host(" \t", .hostEmpty),
        .host(" user@a", .hostUserinfo),
        .host(" user:pass@a", .hostUserinfo),
        .host(" a/b", .hostMalformed),
        .host(" http://a", .hostPort),
        .host(" a, b", .hostMalformed),
        .host(" a,b", .hostMalformed),
        .host(" a b", .hostMalformed),
        .host(" a?b", .hostMalformed),
        .host(" a_b", .hostMalformed),
        .host(" a%41", .hostMalformed),
        .host(" :80", .hostMalformed),
        .host(" [::1", .hostMalformed),
        .host(" []", .hostMalformed),
        .host(" [::1]a", .hostMalformed),
        .host(" [fe80::1%25eth0]", .hostMalformed),
        .host(" ::1", .hostMalformed),
        .host(" a:", .hostPort),
        .host(" a:0", .hostPort),
        .host(" a:x", .hostPort),
        .host(" a:+80", .hostPort),
        .host(" a:80 ,b", .hostPort),
        .host(" a:80:80", .hostPort),
        .host(" a:65536", .hostPort),
        .host(" a:000080", .hostPort),
    ]

    static let framing: [RefusalCase] = [
        .fields("Content-Length: 5\r\nTransfer-Encoding: chunked", .contentLengthAndTransferEncoding),
        .fields("Transfer-Encoding: chunked\r\nContent-Length: 5", .contentLengthAndTransferEncoding),
        .fields("transfer-encoding: chunked\r\nX: y\r\ncontent-length: 0", .contentLengthAndTransferEncoding),
        .fields("Content-Length: 5\r\nContent-Length: 5", .contentLengthRepeated),
        .fields("Content-Length: 5\r\ncontent-length: 6", .contentLengthRepeated),
        .fields("Content-Length: 5, 5", .contentLengthMalformed),
        .fields("Content-Length: 5,6", .contentLengthMalformed),
        .fields("Content-Length:", .contentLengthMalformed),
        .fields("Content-Length: +5", .contentLengthMalformed),
        .fields("Content-Length: -5", .contentLengthMalformed),
        .fields("Content-Length: 0x5", .contentLengthMalformed),
        .fields("Content-Length: 5 5", .contentLengthMalformed),
        .fields("Content-Length: 5.0", .contentLengthMalformed),
        .fields("Content-Length: 1_000", .contentLengthMalformed),
        .fields("Content-Length: \"5\"", .contentLengthMalformed),
        .fields("Content-Length: 9223372036854775808", .contentLengthTooLarge),
        .fields("Content-Length: 18446744073709551616", .contentLengthTooLarge),
        .fields("Content-Length: 99999999999999999999999999", .contentLengthTooLarge),
        .fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferEncodingRepeated),
        .fields("Transfer-Encoding: chunked\r\ntransfer-encoding: identity", .transferEncodingRepeated),
        .fields("Transfer-Encoding:", .transferEncodingMalformed),
        .fields("Transfer-Encoding: ,chunked", .transferEncodingMalformed),
        .fields("Transfer-Encoding: chunked,", .transferEncodingMalformed),
        .fields("Transfer-Encoding: \"chunked\"", .transferEncodingMalformed),
        .fields("Transfer-Encoding: chunked x", .transferEncodingMalformed),
        .fields("Transfer-Encoding: ;chunked", .transferEncodingMalformed),
        .fields("Transfer-Encoding: chunked;q=1", .transferEncodingParameters),
        .fields("Transfer-Encoding: chunked, chunked", .transferEncodingChunkedTwice),
        .fields("Transfer-Encoding: chunked, gzip", .transferEncodingChunkedNotLast),
        .fields("Transfer-Encoding: gzip, chunked", .transferCodingUnknown, 501),
        .fields("Transfer-Encoding: gzip", .transferCodingUnknown, 501),
        .fields("Transfer-Encoding: identity", .transferCodingUnknown, 501),
        .fields("Transfer-Encoding: xchunked", .transferCodingUnknown, 501),
        .fields("Transfer-Encoding: chunked-x", .transferCodingUnknown, 501),
        RefusalCase(
            "Transfer-Encoding with HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            .versionUnsupported,
            505
        ),
    ]

    static let all = lines + requestLines + targets + fieldLines + hosts + framing

    @Test("for what it says, with the status that goes with it", arguments: all)
    func refuses(_ testCase: RefusalCase) {
        guard case .refused(let refusal) = parseRequest(testCase.bytes, cuts: []) else {
            Issue.record("\(parseRequest(testCase.bytes, cuts: []))")
            return
        }
        #expect(refusal.reason == testCase.reason)
        #expect(refusal.status == testCase.status)
        #expect(refusal.offset <= testCase.bytes.count)
    }

    @Test("for the same at the same place when it comes byte by byte", arguments: all)
    func refusesTrickled(_ testCase: RefusalCase) {
        #expect(trickleRequest(testCase.bytes) == parseRequest(testCase.bytes, cuts: []))
    }
}
