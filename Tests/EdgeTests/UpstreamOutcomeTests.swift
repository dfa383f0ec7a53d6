// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Edge

@Suite("A request whose backend misbehaves")
struct UpstreamOutcomeTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let post = "POST /eig/pay HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 4\r\n\r\npay!"

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let reply: FakeBackend.Reply
        let status: String
        let code: String
        var testDescription: String { sentence }
    }

    static let cases: [Case] = [
        Case(sentence: "says nothing and closes", reply: .close, status: "502 Bad Gateway", code: "outcome_unknown"),
        Case(
            sentence: "says half a head and closes",
            reply: .sendAndClose("HTTP/1.1 200 OK\r\nContent-"),
            status: "502 Bad Gateway",
            code: "outcome_unknown"
        ),
        Case(
            sentence: "speaks no HTTP",
            reply: .send("SSH-2.0-OpenSSH\r\n\r\n"),
            status: "502 Bad Gateway",
            code: "backend_malformed"
        ),
        Case(
            sentence: "frames its answer in two ways",
            reply: .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok"),
            status: "502 Bad Gateway",
            code: "backend_malformed"
        ),
    ]

    @Test("is never sent twice, and the partner is told what is not known", arguments: cases)
    func misbehaves(_ testCase: Case) throws {
        let backend = try FakeBackend { _ in testCase.reply }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(Self.post)
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 \(testCase.status)\r\n"))
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"\(testCase.code)\""))
        // The connection to the partner lives on: its framing was never in doubt.
        try client.send("GET /nowhere HTTP/1.1\r\nHost: edge.example\r\n\r\n")
        #expect(try client.answer().head.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        try client.endSending()
        let log = try worker.stop()
        #expect(backend.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["pay!"])
        #expect(log.contains { $0.contains("\"event\":\"upstream_failure\"") && $0.contains("\"unsent\":false") })
    }

    @Test("is cut short when its answer is: half an answer never looks whole")
    func cutShort() throws {
        let backend = try FakeBackend { _ in .sendAndClose("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(Self.post)
        #expect(throws: TestClient.Silence.self) { _ = try client.answer() }
        _ = try worker.stop()
        #expect(backend.requests.count == 1)
    }

    @Test("is refused at once when nobody is there, with nothing sent")
    func unreachable() throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send("GET /dead/x HTTP/1.1\r\nHost: edge.example\r\n\r\n")
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"backend_unreachable\""))
        try client.endSending()
        _ = try worker.stop()
    }

    @Test("goes out again unharmed when a kept connection proves dead before a byte has left")
    func keptConnections() throws {
        // Each connection serves one request and closes without a word about it.
        let backend = try FakeBackend { _ in .sendAndClose(Self.ok) }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        for number in 0..<50 {
            let body = "pay \(1000 + number)"
            try client.send("POST /eig/pay HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 8\r\n\r\n\(body)")
            let head = try client.answer().head
            // A request that was on its way when its connection died is not repeated: that, too, is an answer.
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") || head.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        }
        try client.endSending()
        _ = try worker.stop()
        let bodies = backend.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(Set(bodies).count == bodies.count, "no request arrived twice")
    }

    @Test("shares kept connections with the next one")
    func reuse() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        for _ in 0..<20 {
            try client.send(Self.post)
            #expect(try client.answer().body == Array("ok".utf8))
        }
        try client.endSending()
        _ = try worker.stop()
        #expect(backend.requests.count == 20)
        #expect(backend.connectionCount == 1)
    }

    @Test("of several sent at once is answered in its turn")
    func pipelined() throws {
        let backend = try FakeBackend { request in
            let path = request.head.split(separator: " ")[1]
            return .send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
        }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        let paths = (0..<30).map { $0 % 5 == 0 ? "/nowhere/\($0)" : "/eig/\($0)" }
        try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: edge.example\r\n\r\n" }.joined())
        for path in paths {
            let (head, body) = try client.answer()
            if path.hasPrefix("/eig") {
                #expect(body == Array(path.utf8))
            } else {
                #expect(head.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            }
        }
        try client.endSending()
        _ = try worker.stop()
        #expect(backend.requests.count == 24)
    }
}
