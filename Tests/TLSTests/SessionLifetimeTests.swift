// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import Glibc
import TestKit
import Testing

@testable import TLS

@Suite("A session that can be resumed")
struct SessionLifetimeTests {
    static let issuing = Minted.make(.authority("PayFast Issuing CA").with { $0.notAfter = 600 }, by: World.payfastCA)
    static let later = Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: issuing)

    /// Whether the ticket of a visit is good at an instant; it is used up by the question.
    static func isGood(
        _ visit: Visit,
        _ server: ServerContext,
        after passed: Duration = .zero,
        wallStep: Duration = .zero
    ) throws -> Bool {
        let ticket: ClientTicket = try #require(visit.ticket)
        let id: TicketID = try #require(ticket.id)
        let now = SessionInstant.now(nil)
        let instant = SessionInstant(monotonic: now.monotonic + passed, wall: now.wall + passed + wallStep)
        guard let session = unsafe server.tickets?.take(id, at: instant) else { return false }
        unsafe SSL_SESSION_free(session)
        return true
    }

    @Test("ends with its lifetime, whatever the clock on the wall says")
    func lifetime() throws {
        let server = try Visit.server(lifetime: .seconds(60))
        #expect(try Self.isGood(try Visit(server), server))
        #expect(try Self.isGood(try Visit(server), server, after: .seconds(59)))
        #expect(try !Self.isGood(try Visit(server), server, after: .seconds(60)))
        #expect(try !Self.isGood(try Visit(server), server, after: .seconds(61), wallStep: .seconds(-1800)))
        #expect(try Self.isGood(try Visit(server), server, after: .seconds(59), wallStep: .seconds(1800)))
    }

    @Test("ends then however often it was resumed")
    func noProlonging() throws {
        let server = try Visit.server(lifetime: .seconds(60))
        let first = try Visit(server)
        let ends: MonotonicInstant = try #require(first.endsAt)
        var last = first
        for _ in 0..<5 {
            let ticket: ClientTicket = try #require(last.ticket)
            #expect((59...60).contains(ticket.lifetimeSeconds))
            last = try Visit(server, with: ticket)
            #expect(last.isResumed && last.endsAt == ends)
        }
    }

    @Test("of two seconds is resumed for two seconds and no longer")
    func real() throws {
        let server = try Visit.server(lifetime: .seconds(2))
        var last = try Visit(server)
        let met = ContinuousClock.now
        var resumedCount = 0
        while ContinuousClock.now - met < .milliseconds(2500) {
            guard let ticket = last.ticket else { break }
            let asked = ContinuousClock.now
            last = try Visit(server, with: ticket)
            guard last.isResumed else { break }
            resumedCount += 1
            #expect(asked - met < .seconds(2))
            usleep(20_000)
        }
        #expect(resumedCount > 0)
    }

    @Test("ends with the first certificate of its chain that ends, and begins with the last that begins")
    func chain() throws {
        let server = try Visit.server()
        let options = Visit.partner.with { $0.identity = Self.later }
        #expect(try Self.isGood(try Visit(server, as: options), server))
        #expect(try Self.isGood(try Visit(server, as: options), server, wallStep: .seconds(590)))
        #expect(try !Self.isGood(try Visit(server, as: options), server, wallStep: .seconds(610)))
        #expect(try !Self.isGood(try Visit(server, as: options), server, wallStep: .seconds(-7200)))
    }

    @Test("is wiped when it has ended")
    func wiped() throws {
        let server = try Visit.server(lifetime: .seconds(60))
        for _ in 0..<3 { _ = try Visit(server) }
        let now = SessionInstant.now(nil)
        server.tickets?.forgetEnded(at: now)
        #expect(server.ticketCounts.remembered == 3)
        let later = SessionInstant(monotonic: now.monotonic + .seconds(60), wall: now.wall)
        server.tickets?.forgetEnded(at: later)
        #expect(server.ticketCounts.remembered == 0)
    }

    @Test("is one of a bounded number of clients, whatever an authority issues itself")
    func clientsBounded() throws {
        let server = try Visit.server()
        let cache = TicketCache(ResumptionSettings(ticketsMax: 100, lifetime: .seconds(60)), clientsMax: 4)
        /// Of a fresh certificate: whether it may come back.
        func origin(by authority: Minted) throws -> SessionOrigin? {
            let identity = Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: authority)
            var wire = Wire(server: server, client: try ClientContext(World.clientSettings(identity)))
            try wire.shake()
            let verified = wire.server.session.verified
            let peer: VerifiedPeer = try #require(verified)
            return unsafe cache.origin(of: Minted.require(SSL_get_session(wire.server.session.ssl)), peer: peer)
        }
        var kept = try (0..<6).map { _ in try origin(by: World.payfastCA) }
        #expect(kept.count { $0 != nil } == 4)
        // Another authority is not shut out by that, up to its share.
        let others = try (0..<4).map { _ in try origin(by: World.mobicashCA) }
        #expect(others.count { $0 != nil } == 2)
        // What ends makes room.
        kept = []
        #expect(try origin(by: World.payfastCA) != nil)
    }

    @Test("is one of a bounded number, over real connections")
    func bounded() throws {
        let server = try Visit.server(ticketsMax: 8)
        var tickets: [ClientTicket] = []
        for _ in 0..<12 {
            let ticket: ClientTicket = try #require(try Visit(server).ticket)
            tickets.append(ticket)
            #expect(server.ticketCounts.remembered <= 8)
        }
        #expect(server.ticketCounts.forgotten == 4)
        #expect(try !Visit(server, with: tickets[0]).isResumed)
        #expect(try Visit(server, with: tickets[11]).isResumed)
    }
}
