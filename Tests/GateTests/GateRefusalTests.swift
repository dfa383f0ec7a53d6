// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Testing

@testable import Gate

@Suite("A refusal of the gate")
struct GateRefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let refusal: GateRefusal
        let body: String
        var testDescription: String { refusal.message }
    }

    @Test(
        "is why and the mend, a line each, to a client that shows text",
        arguments: [
            Case(
                refusal: GateRefusal(code: "grant_none", message: "no grant", hint: "ask for one"),
                body: "jumpd: no grant\nhint: ask for one\n"
            ),
            Case(refusal: GateRefusal(code: "line_long", status: 400, message: "too long"), body: "jumpd: too long\n"),
        ]
    )
    func text(_ one: Case) throws {
        var output = ByteBuffer()
        one.refusal.appendHTTP(to: &output)
        let text = String(output.bytes)
        let head = try #require(text.firstRange(of: "\r\n\r\n"))
        #expect(text[head.upperBound...] == one.body)
        #expect(text.hasPrefix("HTTP/1.1 \(one.refusal.status) "))
        #expect(text.contains("\r\nContent-Length: \(one.body.utf8.count)\r\n"))
        #expect(text.contains("\r\nX-Jump-Reason: \(one.refusal.code)\r\n"))
    }

    @Test("is JSON to who asks the gate itself, and does not name the program")
    func json() throws {
        let refusal = GateRefusal(code: "locked_out", message: "locked out", hint: "wait")
        let document = try ErrorDocument(json: refusal.response.body)
        #expect(refusal.response.status == 403 && refusal.response.contentType == "application/json")
        #expect(document.error.code == "locked_out")
        #expect(document.error.message == "locked out" && document.error.hint == "wait")
    }
}
