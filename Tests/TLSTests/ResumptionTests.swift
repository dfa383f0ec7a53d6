// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TestKit
import Testing

@testable import TLS

@Suite("A client of ours that comes back")
struct ResumptionTests {
    @Test("resumes, again and again, and is known by the certificate it showed first")
    func resumes() throws {
        let server = try Visit.server()
        var last = try Visit(server)
        let first: PeerCertificate = try #require(last.peer)
        #expect(!last.isResumed && first.anchorSHA256 != nil)
        for _ in 0..<3 {
            let ticket: ClientTicket = try #require(last.ticket)
            last = try Visit(server, with: ticket)
            #expect(last.isResumed)
            #expect(last.peer == first)
        }
    }

    @Test("gets no ticket before it was admitted, and then just one")
    func admittedFirst() throws {
        let server = try Visit.server()
        #expect(try Visit(server, isAdmitted: false).ticket == nil)
        #expect(server.ticketCounts.remembered == 0)
        let ticket: ClientTicket = try #require(try Visit(server).ticket)
        #expect(server.ticketCounts.remembered == 1)
        // Refused this time: what it came with is used up, and nothing takes its place.
        #expect(try Visit(server, with: ticket, isAdmitted: false).isResumed)
        #expect(server.ticketCounts.remembered == 0)
    }

    @Test("uses each ticket once")
    func once() throws {
        let server = try Visit.server()
        let ticket: ClientTicket = try #require(try Visit(server).ticket)
        #expect(try Visit(server, with: ticket).isResumed)
        let second = try Visit(server, with: ticket)
        #expect(!second.isResumed && second.peer != nil)
    }

    @Test("uses it once, too, when it is shown to many threads at the same time")
    func onceAmongThreads() async throws {
        let server = try Visit.server()
        for _ in 0..<20 {
            let ticket: ClientTicket = try #require(try Visit(server).ticket)
            let bytes = ticket.encoded
            let resumed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask { try Visit(server, with: ClientTicket(encoded: bytes)).isResumed }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(resumed.count { $0 } == 1)
        }
    }

    @Test("cannot with a ticket of another context: of an earlier configuration, or of another start")
    func otherContext() throws {
        let ticket: ClientTicket = try #require(try Visit(try Visit.server()).ticket)
        let server = try Visit.server()
        let visit = try Visit(server, with: ticket)
        #expect(!visit.isResumed && visit.peer != nil)
    }

    @Test("cannot once the context was retired, nor is anything remembered for it")
    func retired() throws {
        let server = try Visit.server()
        let ticket: ClientTicket = try #require(try Visit(server).ticket)
        server.forgetSessions()
        #expect(server.ticketCounts.remembered == 0)
        #expect(try !Visit(server, with: ticket).isResumed)
        #expect(server.ticketCounts.remembered == 0)
    }

    static let names: [(String?, String?)] = [
        ("edge.example", "other.example"), ("edge.example", nil), (nil, "edge.example"),
    ]

    @Test("cannot under another server name", arguments: names)
    func otherName(_ first: String?, _ second: String?) throws {
        let server = try Visit.server()
        let options = [first, second].map { name in Visit.partner.with { $0.serverName = name } }
        let ticket: ClientTicket = try #require(try Visit(server, as: options[0]).ticket)
        let visit = try Visit(server, as: options[1], with: ticket)
        #expect(!visit.isResumed && visit.peer != nil)
    }

    @Test("is never resumed in TLS 1.2")
    func tls12() throws {
        let server = try Visit.server()
        let options = Visit.partner.with { $0.versionMax = TLS1_2_VERSION }
        let client = OpenSSLPeer(options)
        var side = Wire.Side(Session(server: server))
        side.talk(to: client)
        side.session.allowResumption()
        try side.send([1])
        side.talk(to: client)
        #expect(client.plaintext == [1])
        #expect(server.ticketCounts.remembered == 0)
        unsafe SSL_set_shutdown(client.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        let session = unsafe ClientTicket(adopting: Minted.require(SSL_get1_session(client.ssl)))
        #expect(try !Visit(server, as: options, with: session).isResumed)
    }

    @Test("does so with the longer secret of the SHA-384 suite, too, and not with another suite's hash")
    func suites() throws {
        let server = try Visit.server()
        let long = Visit.partner.with { $0.suites = "TLS_AES_256_GCM_SHA384" }
        let ticket: ClientTicket = try #require(try Visit(server, as: long).ticket)
        let second = try Visit(server, as: long, with: ticket)
        #expect(second.isResumed)
        let short = Visit.partner.with { $0.suites = "TLS_AES_128_GCM_SHA256" }
        let next: ClientTicket = try #require(second.ticket)
        let third = try Visit(server, as: short, with: next)
        #expect(!third.isResumed && third.peer != nil)
    }

    @Test("may be asked for its ClientHello again, with the same ticket")
    func askedAgain() throws {
        let server = try Visit.server()
        let ticket: ClientTicket = try #require(try Visit(server).ticket)
        // Its first key share is for a group that this server does not have.
        let visit = try Visit(server, as: Visit.partner.with { $0.groups = "P-521:X25519" }, with: ticket)
        #expect(visit.isResumed && visit.peer != nil)
    }

    @Test("has no early data")
    func noEarlyData() throws {
        let server = try Visit.server()
        let ticket: ClientTicket = try #require(try Visit(server).ticket)
        #expect(ticket.earlyBytesMax == 0)
    }

    @Test("is not resumed by a server that was not told to")
    func off() throws {
        let server = try ServerContext(World.serverSettings())
        #expect(try Visit(server).ticket == nil)
    }

    @Test("need not read its answer for the connection to end in order")
    func endsInOrder() throws {
        let client = OpenSSLPeer(Visit.partner)
        let server = try Visit.server()
        var side = Wire.Side(Session(server: server))
        side.talk(to: client)
        side.session.allowResumption()
        side.session.close(into: &side.output)
        side.talk(to: client)
        #expect(unsafe SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN != 0)
        #expect(client.reasons.isEmpty)
    }
}
