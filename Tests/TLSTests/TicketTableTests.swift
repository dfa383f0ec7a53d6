// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TestKit
import Testing

@testable import TLS

@Suite("The table of tickets")
struct TicketTableTests {
    static let end = MonotonicInstant(nanoseconds: 1_000_000_000)

    static func client(of owner: TicketOwner = TicketOwner()) throws -> ResumableClient {
        var wire = try World.wire()
        try wire.shake()
        let verified = wire.server.session.verified
        let peer: VerifiedPeer = try #require(verified)
        let session = unsafe Minted.require(SSL_SESSION_new())
        defer { unsafe SSL_SESSION_free(session) }
        return unsafe try #require(ResumableClient(peer, of: owner, session: session) as ResumableClient?)
    }

    static func origin(_ client: ResumableClient, endsAt: MonotonicInstant = end) -> SessionOrigin {
        SessionOrigin(client: client, endsAt: endsAt)
    }

    static func id(_ number: Int) -> TicketID {
        let words = [UInt64(number), 1, 2, 3]
        let id = unsafe words.withUnsafeBytes { unsafe TicketID($0) }
        guard let id else { fatalError("32 bytes are a name") }
        return id
    }

    static func secret(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32) }

    @Test("gives out what was put in, once")
    func once() throws {
        var table = TicketTable(ticketsMax: 10)
        let origin = Self.origin(try Self.client())
        for number in 0..<5 { table.insert(Self.id(number), secret: Self.secret(number).span, origin: origin) }
        var seen: [UInt8] = []
        var isSame = false
        let first: Bool? = table.take(Self.id(3)) { secret, found in
            for index in secret.indices { seen.append(secret[index]) }
            isSame = found === origin
            return true
        }
        #expect(first == true && isSame && seen == Self.secret(3))
        let second: Bool? = table.take(Self.id(3)) { _, _ in true }
        let unknown: Bool? = table.take(Self.id(7)) { _, _ in true }
        #expect(second == nil && unknown == nil)
        let count = table.count
        #expect(count == 4 && origin.client.owner.tickets.count == 4)
    }

    @Test("holds no more than it may, and forgets the oldest first", arguments: [1, 2, 255, 256, 257, 1000])
    func bounded(ticketsMax: Int) throws {
        var table = TicketTable(ticketsMax: ticketsMax)
        let origin = Self.origin(try Self.client())
        for number in 0..<(ticketsMax + 300) {
            table.insert(Self.id(number), secret: Self.secret(number).span, origin: origin)
            let count = table.count
            #expect(count <= ticketsMax)
        }
        let forgotten = table.forgottenCount
        #expect(forgotten == 300)
        for number in 0..<(ticketsMax + 300) {
            let found: Bool? = table.take(Self.id(number)) { _, _ in true }
            #expect((found != nil) == (number >= 300))
        }
    }

    @Test("lets an authority whose clients never come back push out only its own tickets, however many clients it has")
    func fair() throws {
        var table = TicketTable(ticketsMax: 100)
        let quiet = Self.origin(try Self.client())
        let owner = TicketOwner()
        let flood = try (0..<50).map { _ in Self.origin(try Self.client(of: owner)) }
        for number in 0..<40 { table.insert(Self.id(number), secret: Self.secret(1).span, origin: quiet) }
        for number in 1000..<9000 {
            table.insert(Self.id(number), secret: Self.secret(2).span, origin: flood[number % flood.count])
        }
        #expect(quiet.client.owner.tickets.count == 40 && owner.tickets.count == 60)
        // One that asks for more than it has, and less than its share, gets it.
        for number in 40..<50 { table.insert(Self.id(number), secret: Self.secret(1).span, origin: quiet) }
        let count = table.count
        #expect(count == 100 && quiet.client.owner.tickets.count >= 40)
    }

    @Test("forgets what has ended")
    func ended() throws {
        var table = TicketTable(ticketsMax: 100)
        let client = try Self.client()
        let (soon, late) = (Self.origin(client), Self.origin(client, endsAt: Self.end + .seconds(9)))
        for number in 0..<10 {
            table.insert(Self.id(number), secret: Self.secret(number).span, origin: number < 4 ? soon : late)
        }
        table.forgetEnded(at: Self.end + .nanoseconds(-1))
        var count = table.count
        #expect(count == 10)
        table.forgetEnded(at: Self.end)
        count = table.count
        #expect(count == 6)
        table.forgetAll()
        count = table.count
        #expect(count == 0 && client.owner.tickets.count == 0)
    }

    @Test("frees what belongs to its tickets when it goes")
    func frees() throws {
        weak var held: SessionOrigin?
        do {
            var table = TicketTable(ticketsMax: 10)
            let origin = Self.origin(try Self.client())
            held = origin
            for number in 0..<20 { table.insert(Self.id(number), secret: Self.secret(number).span, origin: origin) }
        }
        #expect(held == nil)
    }

    @Test("does what a plain list would do", arguments: UInt64(1)...20)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let ticketsMax = Int.random(in: 1...40, using: &random)
        var table = TicketTable(ticketsMax: ticketsMax)
        let origins = try (0..<4).map { _ in Self.origin(try Self.client()) }
        var model: [(number: Int, owner: Int)] = []
        for number in 0..<2000 {
            if Int.random(in: 0..<3, using: &random) > 0 || model.isEmpty {
                let owner = Int.random(in: 0..<4, using: &random)
                if model.count == ticketsMax {
                    let share = ticketsMax / max(1, Set(model.map(\.owner)).count)
                    let isOver = model.count { $0.owner == owner } > share
                    let victim = model.firstIndex { !isOver || $0.owner == owner } ?? 0
                    model.remove(at: victim)
                }
                model.append((number, owner))
                table.insert(Self.id(number), secret: Self.secret(number).span, origin: origins[owner])
            } else {
                let taken = model.remove(at: Int.random(in: model.indices, using: &random))
                let byte: UInt8? = table.take(Self.id(taken.number)) { secret, _ in secret[0] }
                #expect(byte == UInt8(truncatingIfNeeded: taken.number))
            }
            let count = table.count
            #expect(count == model.count)
        }
        for (owner, origin) in origins.enumerated() {
            #expect(origin.client.owner.tickets.count == model.count { $0.owner == owner })
        }
        for (number, _) in model {
            let found: Bool? = table.take(Self.id(number)) { _, _ in true }
            #expect(found == true)
        }
        let count = table.count
        #expect(count == 0)
    }
}
