// SPDX-License-Identifier: Apache-2.0
import BenchmarkKit
import Testing

@Suite("The scan of a head")
struct HeadScanTests {
    static func scan(_ text: String) -> (outcome: HeadScan.Outcome, head: HeadScan) {
        var head = HeadScan()
        return (head.scan(Array(text.utf8).span), head)
    }

    @Test("finds what a benchmark needs of an answer, names in any case")
    func answer() {
        let text = "HTTP/1.1 200 OK\r\ncontent-LENGTH: 40 \r\nServer: x\r\nX-Token:  00ff \r\n\r\nrest"
        let (outcome, head) = Self.scan(text)
        #expect(outcome == .complete)
        #expect(head.status == 200 && head.contentLength == 40 && !head.isChunked && head.answerBytes == nil)
        #expect(Array(text.utf8)[head.token] == Array("00ff".utf8)[...])
        #expect(head.byteCount == text.utf8.count - 4)
    }

    @Test("finds what a benchmark needs of a request")
    func request() {
        let (outcome, head) = Self.scan("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Answer-Bytes: 7\r\n\r\n")
        #expect(outcome == .complete)
        #expect(head.status == 0 && head.contentLength == nil && head.isChunked && head.answerBytes == 7)
        #expect(head.token.isEmpty)
    }

    @Test("wants more until the empty line is there", arguments: [0, 16, 40])
    func incomplete(paddingBytes: Int) {
        let padding = String(repeating: "p", count: paddingBytes)
        let text = "HTTP/1.1 200 OK\r\nPadding: \(padding)\r\nContent-Length: 1\r\n\r\n"
        for count in 0..<text.utf8.count {
            let start = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(Self.scan(start).outcome == .incomplete, "\(count)")
        }
        #expect(Self.scan(text).outcome == .complete)
    }

    @Test("takes no byte above ASCII for a line's end")
    func highBytes() {
        #expect(Self.scan("HTTP/1.1 200 OK\r\nName: \u{8a}\u{8a}\u{10ffff}\r\n\r\n").outcome == .complete)
    }

    @Test(
        "refuses what is no head",
        arguments: [
            "\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nA: b\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Token: 1\r\nX-Token: 2\r\n\r\n",
            String(repeating: "x", count: HeadScan.byteCountMax + 1),
        ]
    )
    func malformed(_ text: String) { #expect(Self.scan(text).outcome == .malformed) }
}
