// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import Testing

@Suite("An answer")
struct AnswerCheckerTests {
    static let token = RequestToken(0x0123_4567_89ab_cdef)

    static func answer(status: Int = 200, length: Int = 5, token: String = "0123456789abcdef", body: String = "hello")
        -> String
    {
        "HTTP/1.1 \(status) X\r\nContent-Length: \(length)\r\nx-token: \(token)\r\n\r\n\(body)"
    }

    /// Feeds the text in pieces, as a connection would, and says whether it came to its end.
    static func check(_ text: String, pieceBytes: Int = .max) throws(AnswerFault) -> Bool {
        var checker = AnswerChecker(answerBytes: 5)
        checker.expect(token)
        var rest = Array(text.utf8)[...]
        var pending: [UInt8] = []
        var isComplete = false
        while !rest.isEmpty {
            pending += rest.prefix(pieceBytes)
            rest = rest.dropFirst(pieceBytes)
            let step = try checker.take(pending.span)
            pending.removeFirst(step.consumed)
            isComplete = step.isComplete
        }
        return isComplete && !checker.isWaiting
    }

    @Test("that is right is taken, however it is cut", arguments: [1, 7, Int.max])
    func right(pieceBytes: Int) throws { #expect(try Self.check(Self.answer(), pieceBytes: pieceBytes)) }

    @Test("that is cut short is not complete")
    func short() throws { #expect(try !Self.check(Self.answer(body: "hell"))) }

    @Test(
        "that differs from what was asked for is a fault, and says which",
        arguments: [
            (answer(status: 503), AnswerFault.status(503)),
            (answer(length: 6, body: "hello!"), .length(announced: 6, asked: 5)),
            ("HTTP/1.1 200 OK\r\nX-Token: 0123456789abcdef\r\n\r\n", .length(announced: nil, asked: 5)),
            (answer(token: "0123456789abcdee"), .token), (answer(token: ""), .token), (answer(token: "0x1"), .token),
            (answer(body: "hello!"), .surplus(byteCount: 1)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .chunked), ("\r\n\r\n", .malformedHead),
        ]
    )
    func wrong(_ text: String, _ fault: AnswerFault) { #expect(throws: fault) { try Self.check(text) } }

    @Test("without a request is a fault")
    func unasked() {
        var checker = AnswerChecker(answerBytes: 5)
        #expect(throws: AnswerFault.surplus(byteCount: 1)) { try checker.take([1].span) }
    }
}

@Suite("A request")
struct RequestTemplateTests {
    @Test("carries its headers, its token and a body as long as it says", arguments: [0, 5, 11, 1000])
    func write(bodyBytes: Int) throws {
        let template = RequestTemplate(
            method: "POST",
            path: "/p",
            host: "edge.example",
            headers: ["X-User: one"],
            bodyBytes: bodyBytes,
            answerBytes: 40
        )
        var buffer = ByteBuffer()
        template.write(AnswerCheckerTests.token, into: &buffer)
        var head = HeadScan()
        let outcome = head.scan(buffer.bytes)
        #expect(outcome == .complete)
        #expect(head.contentLength == (bodyBytes > 0 ? bodyBytes : nil) && head.answerBytes == 40)
        #expect(RequestToken(buffer.bytes, head.token) == AnswerCheckerTests.token)
        #expect(buffer.count == head.byteCount + bodyBytes)
        #expect(String(buffer.bytes).hasPrefix("POST /p HTTP/1.1\r\nHost: edge.example\r\n"))
        #expect(String(buffer.bytes).contains("\r\nX-User: one\r\n"))
    }
}
