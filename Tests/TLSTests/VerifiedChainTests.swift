// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import Synchronization
import TLS
import TestKit
import Testing

@Suite("A chain that was verified")
struct VerifiedChainTests {
    /// A clock that only the test moves.
    final class TestClock: Sendable {
        private let seconds: Mutex<Int64>

        init() {
            var now = 0
            unsafe time(&now)
            seconds = Mutex(Int64(now))
        }

        var now: WallInstant { WallInstant(seconds: seconds.withLock { $0 }) }

        func set(_ instant: WallInstant) { seconds.withLock { $0 = instant.seconds } }
    }

    static func server(
        _ clock: TestClock? = nil,
        _ change: (inout ServerTLSSettings) -> Void = { _ in }
    ) throws -> ServerContext {
        var settings = World.serverSettings()
        if let clock { settings.verificationClock = { clock.now } }
        change(&settings)
        return try ServerContext(settings)
    }

    /// What the server knows of the client when the handshake is over, or why it is not.
    static func meet(
        _ identity: Minted,
        _ context: ServerContext,
        version: CInt = TLS1_3_VERSION
    ) -> Result<PeerCertificate?, TLSFailure> {
        var server = Wire.Side(Session(server: context))
        let client = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.identity = identity
                $0.versionMax = version
            }
        )
        server.talk(to: client)
        if let failure = server.failure { return .failure(failure) }
        return .success(server.session.peer)
    }

    static func facts(_ identity: Minted, _ context: ServerContext) throws -> PeerCertificate {
        try #require(try meet(identity, context).get())
    }

    static func error(_ identity: Minted, _ context: ServerContext) -> String? {
        guard case .failure(let failure) = meet(identity, context) else { return nil }
        return failure.verifyError
    }

    @Test("is not verified again, and says the same of its holder", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func isKnown(version: CInt) throws {
        let context = try Self.server()
        let first = try Self.meet(World.payfast, context, version: version).get()
        #expect(context.chainCounts == (verified: 1, known: 0))
        let second = try Self.meet(World.payfast, context, version: version).get()
        #expect(context.chainCounts == (verified: 1, known: 1))
        #expect(first != nil && first == second)
        #expect(second?.der == World.payfast.der)
        #expect(second?.anchorSHA256 == Digest.sha256(World.payfastCA.der))
    }

    @Test("is verified anew by another context, which may not trust it")
    func generations() throws {
        let first = try Self.server()
        _ = try Self.facts(World.payfast, first)
        let second = try Self.server()
        _ = try Self.facts(World.payfast, second)
        #expect(second.chainCounts == (verified: 1, known: 0))
        let without = try Self.server { $0.clientAnchorsPEM = [World.mobicashCA.certificatePEM] }
        #expect(Self.error(World.payfast, without) == "unable to get local issuer certificate")
    }

    @Test("ends in its own anchor, whoever has the same name")
    func sameName() throws {
        let forged = Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: World.mobicashCA)
        let context = try Self.server()
        for _ in 0..<3 {
            let genuine = try Self.facts(World.payfast, context)
            #expect(genuine.anchorSHA256 == Digest.sha256(World.payfastCA.der))
            let other = try Self.facts(forged, context)
            #expect(other.anchorSHA256 == Digest.sha256(World.mobicashCA.der))
            #expect(other.der == forged.der)
        }
        #expect(context.chainCounts == (verified: 2, known: 4))
    }

    @Test("ends where its intermediate leads, with the very same leaf")
    func crossSigned() throws {
        let issuing = Minted.make(.authority("Issuing"), by: World.payfastCA)
        let crossed = Minted.make(.authority("Issuing"), by: World.mobicashCA, for: issuing)
        let leaf = Minted.make(.leaf("edge.payfast.example"), by: issuing)
        let moved = Minted(der: leaf.der, keyDER: leaf.keyDER, intermediates: [crossed.der])
        let context = try Self.server()
        for _ in 0..<2 {
            #expect(try Self.facts(leaf, context).anchorSHA256 == Digest.sha256(World.payfastCA.der))
            #expect(try Self.facts(moved, context).anchorSHA256 == Digest.sha256(World.mobicashCA.der))
        }
        #expect(context.chainCounts == (verified: 2, known: 2))
    }

    @Test("is another one when it comes with other intermediates, in another order or with one byte changed")
    func otherChains() throws {
        let outer = Minted.make(.authority("Outer"), by: World.payfastCA)
        let inner = Minted.make(.authority("Inner"), by: outer)
        let leaf = Minted.make(.leaf("edge.payfast.example"), by: inner)
        let context = try Self.server()
        _ = try Self.facts(leaf, context)
        let others = [leaf.intermediates.reversed(), leaf.intermediates + [World.payfastCA.der]]
        for (index, intermediates) in others.enumerated() {
            let same = Minted(der: leaf.der, keyDER: leaf.keyDER, intermediates: Array(intermediates))
            _ = try Self.facts(same, context)
            #expect(context.chainCounts == (verified: index + 2, known: 0))
        }
        // The last byte of a certificate belongs to its signature.
        var der = leaf.der
        der[der.count - 1] ^= 1
        let forged = Minted(der: der, keyDER: leaf.keyDER, intermediates: leaf.intermediates)
        #expect(Self.error(forged, context) == "certificate signature failure")
        var above = inner.der
        above[above.count - 1] ^= 1
        let forgedAbove = Minted(der: leaf.der, keyDER: leaf.keyDER, intermediates: [above, outer.der])
        #expect(Self.error(forgedAbove, context)?.hasPrefix("certificate signature failure") == true)
        _ = try Self.facts(leaf, context)
        #expect(context.chainCounts == (verified: 3, known: 1))
    }

    @Test("that is refused is not remembered")
    func refused() throws {
        let stranger = Minted.make(.leaf("edge.payfast.example"), by: World.strangerCA)
        let context = try Self.server()
        for _ in 0..<2 { #expect(Self.error(stranger, context) == "unable to get local issuer certificate") }
        #expect(context.chainCounts == (verified: 0, known: 0))
    }

    @Test("proves nothing of who shows it: the key's signature is checked on each connection")
    func withoutTheKey() throws {
        let context = try Self.server()
        _ = try Self.meet(World.payfast, context, version: TLS1_2_VERSION).get()
        var server = Wire.Side(Session(server: context))
        let client = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.identity = World.payfast
                $0.versionMax = TLS1_2_VERSION
            }
        )
        // Up to the client's flight with its certificate and its signature, which TLS 1.2 sends in the clear.
        client.advance()
        server.receive(client.give(), chunkBytes: .max)
        client.take(server.takeOutput())
        client.advance()
        var flight = client.give()
        let end = try #require(Self.endOfCertificateVerify(flight))
        flight[end - 1] ^= 1
        server.receive(flight, chunkBytes: .max)
        let failure = server.failure
        #expect(failure?.reasons.last == "bad signature")
        #expect(context.chainCounts == (verified: 1, known: 1))
        let isEstablished = server.session.isEstablished
        #expect(!isEstablished)
    }

    /// The end of the handshake message that proves the key (RFC 5246 §7.4.8), in a flight of one message a record.
    private static func endOfCertificateVerify(_ flight: [UInt8]) -> Int? {
        var at = 0
        while at + 6 <= flight.count {
            let end = at + 5 + Int(flight[at + 3]) << 8 + Int(flight[at + 4])
            if flight[at] == 22, flight[at + 5] == 15 { return end }
            at = end
        }
        return nil
    }

    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Changes the certificate at this height above the leaf, the anchor being the third.
        let height: Int
        let change: @Sendable (inout Recipe) -> Void
        let hoursLater: Int
        let said: String
    }

    static let flaws: [Flaw] = (0...3).flatMap { height in
        let place = height == 0 ? "" : ", \(height) above the leaf"
        return [
            Flaw(
                testDescription: "expired\(place)",
                height: height,
                change: { $0.notAfter = 3600 },
                hoursLater: 2,
                said: "certificate has expired" + place
            ),
            Flaw(
                testDescription: "not valid yet\(place)",
                height: height,
                change: { $0.notBefore = -1800 },
                hoursLater: -1,
                said: "certificate is not yet valid" + place
            ),
        ]
    }

    @Test("stands no longer when one of its certificates is out of its dates", arguments: flaws)
    func outOfDate(_ flaw: Flaw) throws {
        var chain: Minted?
        var anchor: Minted?
        for height in (0...3).reversed() {
            var recipe: Recipe = height == 0 ? .leaf("edge.payfast.example") : .authority("CA \(height)")
            recipe.notBefore = -86_400
            if height == flaw.height { flaw.change(&recipe) }
            chain = Minted.make(recipe, by: chain)
            anchor = anchor ?? chain
        }
        let leaf = try #require(chain)
        let trusted = try #require(anchor)
        let clock = TestClock()
        let start = clock.now
        let context = try Self.server(clock) { $0.clientAnchorsPEM = [trusted.certificatePEM] }
        _ = try Self.facts(leaf, context)
        clock.set(start + .seconds(flaw.hoursLater * 3600))
        #expect(Self.error(leaf, context) == flaw.said)
        clock.set(start)
        _ = try Self.facts(leaf, context)
        #expect(context.chainCounts == (verified: 1, known: 1))
    }

    @Test("stands and falls in the same second as it would if it were not known")
    func boundaries() throws {
        let clock = TestClock()
        let context = try Self.server(clock)
        let facts = try Self.facts(World.payfast, context)
        for instant in [facts.notBefore, facts.notAfter] {
            for seconds in -1...1 {
                clock.set(instant + .seconds(seconds))
                let known = Self.error(World.payfast, context)
                let fresh = Self.error(World.payfast, try Self.server(clock))
                #expect(known == fresh, "\(instant) \(seconds)")
            }
        }
    }

    @Test("is forgotten when others come, and comes back; who comes regularly stays")
    func bound() throws {
        let context = try Self.server { $0.verifiedChainsMax = 4 }
        for number in 0..<12 {
            let other = Minted.make(.leaf("other-\(number).payfast.example"), by: World.payfastCA)
            _ = try Self.facts(other, context)
            _ = try Self.facts(World.payfast, context)
        }
        #expect(context.chainCounts == (verified: 13, known: 11))
        for number in 0..<4 {
            _ = try Self.facts(Minted.make(.leaf("last-\(number).example"), by: World.payfastCA), context)
        }
        _ = try Self.facts(World.payfast, context)
        #expect(context.chainCounts == (verified: 18, known: 11))
    }

    @Test("outlives neither its context nor the other way round")
    func lifetime() throws {
        var context: ServerContext? = try Self.server()
        var server = Wire.Side(Session(server: try #require(context)))
        context = nil
        let client = OpenSSLPeer(OpenSSLPeer.Options().with { $0.identity = World.payfast })
        server.talk(to: client)
        let peer = server.session.peer
        #expect(peer?.der == World.payfast.der)
    }
}
