// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TestKit
import Testing

@testable import TLS

@Suite("A known client's certificate")
struct SharedCertificateTests {
    private static let issuing = Minted.make(.authority("Issuing"), by: World.payfastCA)
    private static let leaf = Minted.make(.leaf("edge.payfast.example"), by: issuing)

    /// The server's side of a handshake that went well.
    private static func meet(_ identity: Minted, _ context: ServerContext, version: CInt) -> Wire.Side {
        var server = Wire.Side(Session(server: context))
        let client = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.identity = identity
                $0.versionMax = version
            }
        )
        server.talk(to: client)
        return server
    }

    @Test("is in memory once, whatever sessions hold it", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func once(version: CInt) throws {
        let context = try ServerContext(World.serverSettings())
        let first = Self.meet(Self.leaf, context, version: version)
        let second = Self.meet(Self.leaf, context, version: version)
        let other = Self.meet(World.payfast, context, version: version)
        #expect(first.failure == nil && second.failure == nil && other.failure == nil)
        #expect(context.chainCounts == (verified: 2, known: 1))
        let held = unsafe SSL_get0_peer_certificate(first.session.ssl)
        #expect(unsafe held != nil && held == SSL_get0_peer_certificate(second.session.ssl))
        #expect(unsafe held != SSL_get0_peer_certificate(other.session.ssl))
        #expect(first.session.peer == second.session.peer && first.session.peer?.der == Self.leaf.der)
    }

    @Test("is all that a session keeps of the chain", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func alone(version: CInt) throws {
        let context = try ServerContext(World.serverSettings())
        for _ in 0..<2 {
            let server = Self.meet(Self.leaf, context, version: version)
            let above = unsafe SSL_get_peer_cert_chain(server.session.ssl)
            #expect(unsafe OPENSSL_sk_num(above) == 0)
        }
    }

    @Test("outlives what has verified it, and the other way round", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func lives(version: CInt) throws {
        var kept: [Held] = []
        do {
            let context = try ServerContext(World.serverSettings())
            for _ in 0..<3 { kept.append(Held(Self.meet(Self.leaf, context, version: version))) }
        }
        for held in kept { #expect(held.server.session.peer?.der == Self.leaf.der) }
        kept.removeAll()
        let context = try ServerContext(World.serverSettings())
        for _ in 0..<3 {
            #expect(Self.meet(Self.leaf, context, version: version).session.peer?.der == Self.leaf.der)
        }
    }

    /// Sessions are noncopyable, and arrays are not for those.
    private final class Held {
        let server: Wire.Side
        init(_ server: consuming Wire.Side) { self.server = server }
    }
}
