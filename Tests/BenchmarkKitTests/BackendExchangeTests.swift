// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import Testing

@Suite("The backend")
struct BackendExchangeTests {
    /// What is answered to the text, fed in pieces; nothing when it gives up.
    static func answers(to text: String, pieceBytes: Int = .max) -> String? {
        var exchange = BackendExchange()
        var answers = ByteBuffer()
        var rest = Array(text.utf8)[...]
        var pending: [UInt8] = []
        while !rest.isEmpty {
            pending += rest.prefix(pieceBytes)
            rest = rest.dropFirst(pieceBytes)
            let taken = exchange.take(pending.span, filler: Array("0123".utf8).span, answers: &answers)
            guard let taken else { return nil }
            pending.removeFirst(taken)
        }
        return String(answers.bytes)
    }

    static func answer(token: String?, body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + (token.map { "X-Token: \($0)\r\n" } ?? "") + "\r\n" + body
    }

    @Test("answers each request with its token and as many bytes as it asks for", arguments: [1, 3, Int.max])
    func answers(pieceBytes: Int) {
        let requests =
            "POST / HTTP/1.1\r\nX-Token: one\r\nX-Answer-Bytes: 6\r\nContent-Length: 3\r\n\r\nabc"
            + "GET / HTTP/1.1\r\nX-Token: two\r\nX-Answer-Bytes: 0\r\n\r\n"
            + "POST / HTTP/1.1\r\nX-Answer-Bytes: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        let wanted =
            Self.answer(token: "one", body: "012301") + Self.answer(token: "two", body: "")
            + Self.answer(token: nil, body: "0")
        #expect(Self.answers(to: requests, pieceBytes: pieceBytes) == wanted)
    }

    @Test("answers 40 bytes when nobody says how many")
    func defaultLength() {
        let body = String(repeating: "0123", count: 10)
        #expect(Self.answers(to: "GET / HTTP/1.1\r\nX-Token: t\r\n\r\n") == Self.answer(token: "t", body: body))
    }

    @Test(
        "says nothing before the end of the request",
        arguments: [
            "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
        ]
    )
    func waits(_ text: String) { #expect(Self.answers(to: text) == "") }

    @Test(
        "gives up on what is not HTTP",
        arguments: ["\r\n", "X\n", "P / H\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"]
    )
    func malformed(_ text: String) { #expect(Self.answers(to: text) == nil) }
}
