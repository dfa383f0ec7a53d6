// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Synchronization
import TLS
import TestKit
import Testing

@testable import Edge

@Suite("A partner that comes back with its session")
struct ResumedAdmissionTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let get = "GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"

    /// One served request on a connection of its own.
    ///
    /// - Returns: whether it went on from `saved`, and what the next one can go on from.
    @discardableResult static func visit(
        _ endpoint: IPEndpoint,
        _ context: ClientContext,
        resuming saved: SavedSession? = nil
    ) throws -> (isResumed: Bool, saved: SavedSession?) {
        let client = try TestClient(endpoint)
        try client.shake(context, resuming: saved)
        try client.send(get)
        #expect(try client.answer().body == Array("ok".utf8))
        let next = client.saved
        try client.endSending()
        #expect(try client.rest().isEmpty)
        return (client.isResumed, next)
    }

    @Test("is served, and counted as such")
    func served() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let worker = try RunningWorker(try ConfigurationFolder(backendPort: backend.endpoint.port))
        let surroundings = worker.surroundings
        let context = try TestClient.context(Identities.payfast)
        var last = try Self.visit(surroundings.partners, context)
        #expect(!last.isResumed)
        for _ in 0..<3 {
            let saved: SavedSession = try #require(last.saved)
            last = try Self.visit(surroundings.partners, context, resuming: saved)
            #expect(last.isResumed)
        }
        _ = try worker.stop()
        let counters = surroundings.environment.counters[0]
        #expect(counters.handshakesFull.load(ordering: .relaxed) == 1)
        #expect(counters.handshakesResumed.load(ordering: .relaxed) == 3)
        #expect(Set(backend.requests.map { $0.head.fieldValue("client-cert") }).count == 1)
    }

    @Test("finds it known to every worker")
    func otherWorker() throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        let first = try RunningWorker(folder)
        let second = try RunningWorker(folder, sharing: first.surroundings.snapshot)
        let context = try TestClient.context(Identities.payfast)
        let workers = [first, second]
        var last = try Self.visit(first.surroundings.partners, context)
        for turn in 1...4 {
            let saved: SavedSession = try #require(last.saved)
            last = try Self.visit(workers[turn % 2].surroundings.partners, context, resuming: saved)
            #expect(last.isResumed)
        }
        for worker in workers { _ = try worker.stop() }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let edit: @Sendable (ConfigurationFolder) throws -> Void

        init(_ sentence: String, _ code: String, _ edit: @escaping @Sendable (ConfigurationFolder) throws -> Void) {
            testDescription = sentence
            self.code = code
            self.edit = edit
        }
    }

    static let partner = "partners.d/payfast.toml"
    static let changes: [Change] = [
        Change("its serial number is revoked", "certificate_revoked") {
            try $0.replace(partner, "id = ", with: "revoked = [\"1\"]\nid = ")
        },
        Change("it is disabled", "partner_disabled") {
            try $0.replace(partner, "id = ", with: "enabled = false\nid = ")
        },
        Change("it is removed", "identity_unknown") { try $0.remove(partner) },
        Change("its address is another one", "address_not_allowed") {
            try $0.replace(partner, "127.0.0.1", with: "127.0.0.9")
        },
        Change("its allow-list has run out", "address_not_allowed") {
            try $0.replace(partner, "reason = \"tests\"", with: "reason = \"tests\"\nuntil = 2020-01-01")
        },
        Change("its key is pinned to another one", "certificate_pin") {
            try $0.replace(partner, "san = ", with: "pin = \"\(Fixture.pin)\"\nsan = ")
        },
        Change("its name is another one", "identity_unknown") {
            try $0.replace(partner, "edge.payfast.example", with: "www.payfast.example")
        },
    ]

    /// The connection was accepted under the earlier files, whose sessions it can resume: only the decision is left to
    /// say no, and it says what the files of today say.
    @Test("is refused when meanwhile", arguments: changes)
    func decided(_ change: Change) throws {
        let backend = try FakeBackend { _ in .send(Self.ok) }
        let folder = try ConfigurationFolder(backendPort: backend.endpoint.port)
        let worker = try RunningWorker(folder)
        let surroundings = worker.surroundings
        let context = try TestClient.context(Identities.payfast)
        let saved: SavedSession = try #require(try Self.visit(surroundings.partners, context).saved)
        let waiting = try TestClient(surroundings.partners)
        let counters = surroundings.environment.counters[0]
        while counters.connectionsAccepted.load(ordering: .relaxed) < 2 { Clock.sleep(.milliseconds(1)) }

        try change.edit(folder)
        let fresh = try SnapshotBuilder.build(
            folder: folder.path,
            generation: 2,
            book: surroundings.book,
            workerCount: 1
        )
        #expect(surroundings.environment.inbox(0).post(.reload(fresh.snapshot)))
        while counters.generation.load(ordering: .acquiring) < 2 { Clock.sleep(.milliseconds(1)) }

        try waiting.shake(context, resuming: saved)
        try waiting.send(Self.get)
        let (head, body) = try waiting.answer()
        #expect(waiting.isResumed)
        #expect(head.hasPrefix("HTTP/1.1 403 ") && head.fieldValue("connection") == "close")
        #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"\(change.code)\""))
        try waiting.endSending()
        #expect(surroundings.snapshot.server.ticketCounts.remembered == 0)

        // What it has from the earlier files is of no use under those of today.
        let late = try TestClient(surroundings.partners)
        if change.code == "identity_unknown", (try? folder.read(Self.partner)) == nil {
            // Its authority is not trusted any more, either.
            #expect(throws: (any Error).self) {
                try late.shake(context, resuming: saved)
                _ = try late.answer()
            }
        } else {
            try late.shake(context, resuming: saved)
            #expect(String(decoding: try late.answer().body, as: UTF8.self).contains("\"code\":\"\(change.code)\""))
            #expect(!late.isResumed)
            try late.endSending()
        }
        let log = try worker.stop()
        let refusal = try #require(log.first { $0.contains("\"event\":\"refusal\"") })
        #expect(refusal.contains("\"reason\":\"\(change.code)\"") && refusal.contains("\"resumed\":true"))
        #expect(backend.requests.count == 1)
    }

    struct Later: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// From now.
        let passed: Duration
        let source: String
        let code: String?

        init(_ sentence: String, _ passed: Duration, _ source: String, _ code: String?) {
            testDescription = sentence
            self.passed = passed
            self.source = source
            self.code = code
        }
    }

    static let day = Duration.seconds(86_400)
    static let laters: [Later] = [
        Later("nothing has changed", .seconds(60), "127.0.0.1", nil),
        Later("the source is another", .zero, "127.0.0.2", "address_not_allowed"),
        Later("the entry has run out", day * 3, "127.0.0.1", "address_not_allowed"),
        Later("the certificate has ended", day * 9, "127.0.0.1", "certificate_expired"),
    ]

    @Test("is decided about by what its session says of it, and by what is so when it comes back", arguments: laters)
    func later(_ later: Later) throws {
        let folder = try ConfigurationFolder()
        let now = Clock.wall()
        let today = (now + Self.day).rfc3339.prefix(10)
        try folder.replace(Self.partner, "reason = \"tests\"", with: "reason = \"tests\"\nuntil = \(today)")
        let snapshot = try SnapshotBuilder.build(folder: folder.path, generation: 1, book: CounterBook()).snapshot
        let identity = Minted.make(
            .leaf("edge.payfast.example", purposes: "clientAuth").with { $0.notAfter = 86_400 * 8 },
            by: Authorities.payfast
        )
        let context = try TestClient.context(identity)
        var saved: SavedSession?
        var shown: PeerCertificate?
        for turn in 0..<2 {
            var server = Session(server: snapshot.server)
            var client = Session(client: context, serverName: "edge.example", resuming: saved)
            try Self.shake(&server, &client)
            #expect(server.isResumed == (turn == 1))
            shown = server.peer
            saved = client.savedSession()
            var wire = ByteBuffer()
            client.close(into: &wire)
        }
        let source: IPAddress = try #require(IPAddress(later.source))
        let certificate: PeerCertificate = try #require(shown)
        switch snapshot.directory.decide(certificate, source: source, now: now + later.passed) {
        case .admitted(let record): #expect(later.code == nil && record.id.rawValue == "payfast")
        case .denied(let reason, let record):
            #expect("\(reason.code)" == later.code && record?.id.rawValue == "payfast")
        }
    }

    /// Everything up to the ticket.
    private static func shake(_ server: inout Session, _ client: inout Session) throws {
        var toServer = ByteBuffer()
        var toClient = ByteBuffer()
        var heard = ByteBuffer()
        try client.start(replies: &toServer)
        var hasTicket = false
        while !toServer.isEmpty || !toClient.isEmpty {
            _ = try server.receive(toServer.bytes, into: &heard, replies: &toClient)
            toServer.removeAll()
            if server.isEstablished, !hasTicket {
                hasTicket = true
                server.allowResumption()
                try server.send([1].span, into: &toClient)
            }
            _ = try client.receive(toClient.bytes, into: &heard, replies: &toServer)
            toClient.removeAll()
        }
    }
}
