// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Synchronization
import TestKit
import Testing

@testable import Edge

@Suite("Admission, over the loopback")
struct AdmissionTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let get = "GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"

    struct Stranger: Sendable, CustomTestStringConvertible {
        let sentence: String
        let identity: Minted
        let code: String
        var serverName = "edge.example"
        let status: String
        var testDescription: String { sentence }
    }

    /// Certificates that verify, and are nobody's.
    static let strangers: [Stranger] = [
        Stranger(
            sentence: "our name from another partner's authority",
            identity: Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: Authorities.mobicash),
            code: "identity_unknown",
            status: "403 Forbidden"
        ),
        Stranger(
            sentence: "another name from the right authority",
            identity: Minted.make(.leaf("www.payfast.example", purposes: "clientAuth"), by: Authorities.payfast),
            code: "identity_unknown",
            status: "403 Forbidden"
        ),
        Stranger(
            sentence: "a server's certificate",
            identity: Minted.make(.leaf("edge.payfast.example", purposes: "serverAuth"), by: Authorities.payfast),
            code: "certificate_purpose",
            status: "403 Forbidden"
        ),
        Stranger(
            sentence: "the right one from an address that is not on the list",
            identity: Identities.mobicash,
            code: "address_not_allowed",
            status: "403 Forbidden"
        ),
    ]

    @Test("is refused before a request is read, with the reason", arguments: strangers)
    func refused(_ stranger: Stranger) throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let client = try TestClient(worker.surroundings.partners, as: stranger.identity)
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 \(stranger.status)\r\n"))
        #expect(head.fieldValue("connection") == "close")
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"\(stranger.code)\""))
        #expect(try client.rest().isEmpty)
        try client.endSending()
        let surroundings = worker.surroundings
        let log = try worker.stop()
        let refusal = try #require(log.first { $0.contains("\"event\":\"refusal\"") })
        #expect(refusal.contains("\"reason\":\"\(stranger.code)\"") && refusal.contains("\"issuer\":"))
        let reason = try #require(DenialReason.allCases.first { "\($0.code)" == stranger.code })
        #expect(surroundings.environment.counters[0].refusalCount(reason) == 1)
    }

    @Test("does not let anybody in whose chain does not verify, or who shows nothing")
    func unverified() throws {
        let worker = try RunningWorker(try ConfigurationFolder())
        let unknown = Minted.make(.authority("Nobody's CA"))
        for identity in [nil, Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: unknown)] {
            // In TLS 1.3 a client learns that it was refused only when it reads.
            #expect(throws: (any Error).self) {
                let client = try TestClient(worker.surroundings.partners, as: identity)
                try client.send(Self.get)
                _ = try client.answer()
            }
        }
        let surroundings = worker.surroundings
        _ = try worker.stop()
        #expect(surroundings.environment.counters[0].refusalCount(.handshakeFailed) == 2)
        #expect(surroundings.environment.counters[0].requests.load(ordering: .relaxed) == 0)
    }

    struct Request: Sendable, CustomTestStringConvertible {
        let text: String
        let status: String
        let code: String
        var isLast = false
        var testDescription: String { "\(code): \(text.prefix { $0 != "\r\n" })" }
    }

    static let requests: [Request] = [
        Request(
            text: "GET /eig/x HTTP/1.1\r\nHost: other.example\r\n\r\n",
            status: "421",
            code: "host_unknown",
            isLast: true
        ),
        Request(text: "GET /eigx HTTP/1.1\r\nHost: edge.example\r\n\r\n", status: "404", code: "route_unknown"),
        Request(
            text: "GET /callbacks/x HTTP/1.1\r\nHost: edge.example\r\n\r\n",
            status: "405",
            code: "method_not_allowed"
        ),
        Request(
            text: "POST /callbacks/x HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 2\r\n\r\n{}",
            status: "403",
            code: "role_not_allowed"
        ),
        Request(
            text: "POST /eig/x HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 4194305\r\n\r\n",
            status: "413",
            code: "body_too_large",
            isLast: true
        ),
        Request(
            text: "GET /eig/x HTTP/1.1\r\nHost: edge.example\r\nX_EIG_Partner: a\r\n\r\n",
            status: "400",
            code: "field_name_character",
            isLast: true
        ),
        Request(
            text:
                "POST /eig/x HTTP/1.1\r\nHost: edge.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            status: "400",
            code: "content_length_and_transfer_encoding",
            isLast: true
        ),
    ]

    @Test("of a request fails with a code, and nothing goes to the backend", arguments: requests)
    func denied(_ request: Request) throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(request.text)
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 \(request.status) "))
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"\(request.code)\""))
        #expect((head.fieldValue("connection") == "close") == request.isLast)
        if !request.isLast {
            try client.send(Self.get)
            #expect(try client.answer().body == Array("ok".utf8))
        }
        try client.endSending()
        #expect(try client.rest().isEmpty)
        _ = try worker.stop()
        #expect(backend.requests.count == (request.isLast ? 0 : 1))
    }

    @Test("ends when the agreed rate is used up, and the partner learns when to come again")
    func rate() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        try folder.replace("partners.d/payfast.toml", "[limits]", with: "[limits]\nrequests-per-second = 1\nburst = 3")
        let worker = try RunningWorker(folder)
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(String(repeating: Self.get, count: 4))
        for _ in 0..<3 { #expect(try client.answer().head.hasPrefix("HTTP/1.1 200 OK\r\n")) }
        let (head, body) = try client.answer()
        #expect(head.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n") && head.fieldValue("retry-after") == "1")
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"rate_exceeded\""))
        try client.endSending()
        _ = try worker.stop()
        #expect(backend.requests.count == 3)
    }

    @Test("is decided anew after a reload: who may not go on is cut off")
    func reload() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        let worker = try RunningWorker(folder)
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(Self.get)
        #expect(try client.answer().body == Array("ok".utf8))

        try folder.replace("partners.d/payfast.toml", "id = ", with: "enabled = false\nid = ")
        let surroundings = worker.surroundings
        let fresh = try SnapshotBuilder.build(
            folder: folder.path,
            generation: 2,
            book: surroundings.book,
            workerCount: 1
        )
        #expect(surroundings.environment.inbox(0).post(.reload(fresh.snapshot)))
        #expect(throws: (any Error).self) {
            // The connection ends by itself; nothing need be asked.
            _ = try client.answer()
        }
        let late = try TestClient(surroundings.partners, as: Identities.payfast)
        #expect(String(decoding: try late.answer().body, as: UTF8.self).contains("\"code\":\"partner_disabled\""))
        try late.endSending()
        _ = try worker.stop()
        #expect(backend.requests.count == 1)
    }

    @Test("of a receiver's callback is its storing: then every backend gets it")
    func callback() throws {
        let backend = try FakeBackend { _ in .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        try folder.replace("partners.d/payfast.toml", "127.0.0.1", with: "127.0.0.9")
        try folder.replace("partners.d/payfast.toml", "roles = [\"send\"]", with: "roles = [\"receive\"]")
        try folder.replace("partners.d/mobicash.toml", "127.0.0.2", with: "127.0.0.1")
        let worker = try RunningWorker(folder)
        let client = try TestClient(worker.surroundings.partners, as: Identities.mobicash)
        let body = "{\"transactionId\":\"T1\",\"status\":\"done\"}"
        try client.send(
            "POST /callbacks/x HTTP/1.1\r\nHost: edge.example\r\nIdempotency-Key: k1\r\nContent-Type: application/json\r\n"
                + "Authorization: Basic \(Base64.encode(Array("mobi:secret".utf8)))\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        #expect(try client.answer().head.hasPrefix("HTTP/1.1 2"))
        let deadline = Clock.monotonic() + .seconds(10)
        while backend.requests.isEmpty, Clock.monotonic() < deadline { Clock.sleep(.milliseconds(5)) }
        try client.endSending()
        let log = try worker.stop()
        let delivered = try #require(backend.requests.first)
        #expect(delivered.head.hasPrefix("POST /callbacks HTTP/1.1\r\n"))
        #expect(delivered.body == Array(body.utf8))
        #expect(delivered.head.fieldValue("authorization") == nil)
        #expect(log.contains { $0.contains("\"event\":\"delivery\"") && $0.contains("\"status\":200") })
    }

    @Test("goes on for what was asked before the program stops")
    func drain() throws {
        let gate = Gate()
        let backend = try FakeBackend { _ in
            gate.wait()
            return .send(Self.ok)
        }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let client = try TestClient(worker.surroundings.partners, as: Identities.payfast)
        try client.send(Self.get)
        while backend.requests.isEmpty { Clock.sleep(.milliseconds(1)) }
        let inbox = worker.surroundings.environment.inbox(0)
        #expect(inbox.post(.drain(until: Clock.monotonic() + .seconds(10))))
        gate.open()
        let (head, body) = try client.answer()
        #expect(body == Array("ok".utf8))
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try client.rest().isEmpty)
        try client.endSending()
        _ = try worker.stop()
    }

    /// Shut until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)
        func open() { isOpen.store(true, ordering: .releasing) }
        func wait() { while !isOpen.load(ordering: .acquiring) { Clock.sleep(.milliseconds(1)) } }
    }
}
