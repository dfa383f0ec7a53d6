// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Synchronization
import Testing

@testable import Edge

@Suite("A worker, over the loopback")
struct WorkerTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private static func lines(_ log: [String], event: String) -> [String] {
        log.filter { $0.contains("\"event\":\"\(event)\"") }
    }

    @Test("answers a partner from the backend, and says who asked")
    func proxies() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send("GET /eig/x?y=1 HTTP/1.1\r\nHost: edge.example\r\nX-EIG-Partner: mobicash\r\n\r\n")
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(body == Array("ok".utf8))
        try client.endSending()
        let log = try worker.stop()
        let request = try #require(backend.requests.first)
        #expect(request.head.hasPrefix("GET /eig/x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:\(backend.endpoint.port)\r\n"))
        #expect(request.head.fieldValue("x-eig-partner") == "payfast")
        let access = Self.lines(log, event: "access")
        #expect(
            access.count == 1 && access[0].contains("\"partner\":\"payfast\"") && access[0].contains("\"status\":200")
        )
        #expect(!log.contains { $0.contains("y=1") }, "a query may carry account numbers")
    }

    @Test("answers who says at once that it will send no more", arguments: ["/v1/health", "/v1/nowhere"])
    func halfClosed(path: String) throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let client = try TestClient(worker.surroundings.inside)
        try client.send("GET \(path) HTTP/1.1\r\nHost: inside\r\n\r\n")
        try client.endSending()
        let answer = String(decoding: try client.rest(), as: UTF8.self)
        #expect(answer.hasPrefix(path == "/v1/health" ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 404 Not Found\r\n"))
        _ = try worker.stop()
    }

    @Test("answers a partner who says at once that it will send no more")
    func halfClosedTLS() throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send("GET /nowhere HTTP/1.1\r\nHost: edge.example\r\n\r\n")
        try client.endSending()
        let answer = String(decoding: try client.rest(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n") && answer.contains("route_unknown"))
        _ = try worker.stop()
    }

    @Test("sends all of a large answer to a peer that closed its side in the middle of it")
    func halfClosedMidAnswer() throws {
        let large = String(repeating: "0123456789abcdef", count: 1 << 16)
        let backend = try FakeBackend { _ in
            .send("HTTP/1.1 200 OK\r\nContent-Length: \(large.utf8.count)\r\n\r\n\(large)")
        }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send("GET /eig/large HTTP/1.1\r\nHost: edge.example\r\n\r\n")
        let head = try client.answer(toHead: true).head
        try client.endSending()
        let body = try client.rest()
        #expect(head.fieldValue("content-length") == "\(large.utf8.count)")
        #expect(body.count == large.utf8.count && body == Array(large.utf8))
        _ = try worker.stop()
    }

    @Test("logs a request once, when its peer leaves in the middle of a body nobody wanted")
    func loggedOnce() throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send("POST /nowhere HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 100\r\n\r\n0123456789")
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"route_unknown\""))
        try client.endSending()
        _ = try client.rest()
        let surroundings = worker.surroundings
        let log = try worker.stop()
        #expect(Self.lines(log, event: "access").count == 1)
        #expect(surroundings.environment.counters[0].answers.load(ordering: .relaxed) == 1)
    }

    @Test("asks for a credential where the partner has one, and checks it")
    func credential() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        try folder.replace("partners.d/payfast.toml", "127.0.0.1", with: "127.0.0.9")
        try folder.replace("partners.d/mobicash.toml", "127.0.0.2", with: "127.0.0.1")
        let worker = try RunningWorker(folder)
        let client = try TestClient(worker.surroundings.partners, as: Identities.mobicash)
        for (field, status) in [
            ("", "401"), ("Authorization: Basic \(Base64.encode(Array("mobi:wrong".utf8)))\r\n", "401"),
            ("Authorization: Basic \(Base64.encode(Array("mobi:secret".utf8)))\r\n", "200"),
            ("Authorization: Basic \(Base64.encode(Array("mobi:secret".utf8)))\r\n", "200"),
            ("Authorization: Basic \(Base64.encode(Array("mobi:wrong".utf8)))\r\n", "401"),
        ] {
            try client.send("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\(field)\r\n")
            let head = try client.answer().head
            #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(field)")
            if status == "401" { #expect(head.fieldValue("www-authenticate") == "Basic realm=\"partner edge\"") }
        }
        try client.endSending()
        let log = try worker.stop()
        #expect(backend.requests.count == 2)
        #expect(backend.requests.allSatisfy { $0.head.fieldValue("authorization") == nil })
        #expect(!log.contains { $0.contains("bW9iaT") || $0.contains("secret") })
    }
}
