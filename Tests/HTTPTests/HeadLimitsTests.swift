// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@Suite("The limits of a head")
struct HeadLimitsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// Nil when it is just within.
        let reason: RefusalReason?
        let status: Int
    }

    static let limits = HeadLimits(lineBytesMax: 64, fieldCountMax: 4, headBytesMax: 256)

    static func request(targetBytes: Int) -> String {
        "GET /" + String(repeating: "a", count: targetBytes - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    static func field(lineBytes: Int) -> String { "X: " + String(repeating: "b", count: lineBytes - 3) + "\r\n" }

    static func head(bytes byteCount: Int) -> String {
        // 27 bytes of request line, Host and the end; three long lines; the last makes up the rest.
        let start = "GET / HTTP/1.1\r\nHost: a\r\n" + field(lineBytes: 64) + field(lineBytes: 64)
        return start + field(lineBytes: byteCount - start.utf8.count - 4) + "\r\n"
    }

    static let cases: [Case] = [
        Case(testDescription: "a request line of 64 bytes", text: request(targetBytes: 51), reason: nil, status: 0),
        Case(
            testDescription: "a request line of 65 bytes",
            text: request(targetBytes: 52),
            reason: .startLineTooLong,
            status: 414
        ),
        Case(
            testDescription: "a request line without end",
            text: "GET /" + String(repeating: "a", count: 4000),
            reason: .startLineTooLong,
            status: 414
        ),
        Case(
            testDescription: "a field line of 64 bytes",
            text: "GET / HTTP/1.1\r\nHost: a\r\n" + field(lineBytes: 64) + "\r\n",
            reason: nil,
            status: 0
        ),
        Case(
            testDescription: "a field line of 65 bytes",
            text: "GET / HTTP/1.1\r\nHost: a\r\n" + field(lineBytes: 65) + "\r\n",
            reason: .fieldLineTooLong,
            status: 431
        ),
        Case(
            testDescription: "a field line without end",
            text: "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "b", count: 4000),
            reason: .fieldLineTooLong,
            status: 431
        ),
        Case(
            testDescription: "four fields",
            text: "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: b\r\n", count: 3) + "\r\n",
            reason: nil,
            status: 0
        ),
        Case(
            testDescription: "five fields",
            text: "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: b\r\n", count: 4) + "\r\n",
            reason: .tooManyFields,
            status: 431
        ),
        Case(testDescription: "a head of 210 bytes", text: head(bytes: 210), reason: nil, status: 0),
        Case(
            testDescription: "a head past its limit within its lines'",
            text: "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: field(lineBytes: 63), count: 3)
                + field(lineBytes: 50),
            reason: .headTooLarge,
            status: 431
        ),
    ]

    @Test("are kept to the byte, whole and byte by byte", arguments: cases)
    func kept(_ testCase: Case) {
        let bytes = Array(testCase.text.utf8)
        let outcome = parseRequest(bytes, cuts: [], limits: Self.limits)
        #expect(trickleRequest(bytes, limits: Self.limits) == outcome)
        switch outcome {
        case .value: #expect(testCase.reason == nil)
        case .incomplete: Issue.record("incomplete")
        case .refused(let refusal):
            #expect(refusal.reason == testCase.reason)
            #expect(refusal.status == testCase.status)
        }
    }

    @Test("stop a head at exactly its limit", arguments: 200...260)
    func headBytes(padding: Int) {
        // Field lines of at most 64 bytes, `byteCount` in all.
        let start = "GET / HTTP/1.1\r\nHost: a\r\n" + Self.field(lineBytes: 64) + Self.field(lineBytes: 64)
        let rest = padding - start.utf8.count - 2
        let limits = HeadLimits(lineBytesMax: 128, fieldCountMax: 4, headBytesMax: 230)
        let text = start + Self.field(lineBytes: rest - 2) + "\r\n"
        let bytes = Array(text.utf8)
        #expect(bytes.count == padding)
        let outcome = parseRequest(bytes, cuts: [], limits: limits)
        #expect(trickleRequest(bytes, limits: limits) == outcome)
        if padding <= 230 {
            guard case .value = outcome else {
                Issue.record("\(outcome)")
                return
            }
        } else {
            guard case .refused(let refusal) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(refusal.reason == .headTooLarge)
        }
    }

    @Test("by default are 8 k a line, 64 fields, 32 k in all")
    func defaults() {
        let limits = HeadLimits()
        #expect(limits.lineBytesMax == 8192 && limits.fieldCountMax == 64 && limits.headBytesMax == 32768)
        let fields = String(repeating: "X: b\r\n", count: 63)
        guard case .value(let head) = parseRequest("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n") else {
            Issue.record("64 fields refused")
            return
        }
        #expect(head.fields.count == 64)
        guard case .refused(let refusal) = parseRequest("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n" + fields + "\r\n")
        else {
            Issue.record("65 fields taken")
            return
        }
        #expect(refusal.reason == .tooManyFields)
    }
}
