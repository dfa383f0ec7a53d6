// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TLS
import TestKit
import Testing

/// Sessions use a part of the library (``TLSLibrary``): here is all of what they need, against the whole library.
@Suite("Every algorithm works")
struct AlgorithmTests {
    static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    /// The keys that certificates come with, each under a CA of its kind.
    static let identities: [String: (authority: Minted, client: Minted, server: Minted)] = {
        let keys: [(String, Recipe.Key)] = [
            ("P-256", .curve("P-256")), ("P-384", .curve("P-384")), ("P-521", .curve("P-521")),
            ("RSA 2048", .rsa(bits: 2048)), ("RSA 3072", .rsa(bits: 3072)), ("RSA 4096", .rsa(bits: 4096)),
            ("RSA-PSS 2048", .rsaPSS(bits: 2048)), ("Ed25519", .ed25519), ("Ed448", .ed448),
        ]
        return Dictionary(
            uniqueKeysWithValues: keys.map { name, key in
                let authority = Minted.make(.authority("\(name) CA").with { $0.key = key })
                let leaf = { (purposes: String) in
                    Minted.make(.leaf("edge.example", purposes: purposes).with { $0.key = key }, by: authority)
                }
                return (name, (authority, leaf("clientAuth"), leaf("serverAuth")))
            }
        )
    }()

    static func server(_ name: String) throws -> ServerContext {
        let identity = try #require(identities[name])
        return try ServerContext(
            World.serverSettings {
                $0.certificateChainPEM = identity.server.chainPEM
                $0.keyPEM = identity.server.keyPEM
                $0.clientAnchorsPEM = identities.values.map(\.authority.certificatePEM)
            }
        )
    }

    static func peer(_ version: CInt, _ change: (inout OpenSSLPeer.Options) -> Void) -> OpenSSLPeer {
        OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.versionMin = version
                $0.versionMax = version
                change(&$0)
            }
        )
    }

    /// Shakes hands with a client of the library's and carries a word each way.
    static func converse(_ context: ServerContext, with client: OpenSSLPeer) throws -> Session {
        var server = Wire.Side(Session(server: context))
        server.talk(to: client)
        let failed = server.failure
        try #require(failed == nil && client.reasons.isEmpty, "\(String(describing: failed)) \(client.reasons)")
        client.write([1, 2, 3])
        server.talk(to: client)
        try server.send([4, 5, 6])
        server.talk(to: client)
        #expect(server.plaintext.array == [1, 2, 3])
        #expect(client.plaintext == [4, 5, 6])
        return server.session
    }

    /// TLS 1.2 takes no certificate on a curve that is not among the groups (RFC 8422 §5.1.1), and P-521 is not.
    static let keys = identities.keys.sorted().flatMap { name in
        versions.filter { name != "P-521" || $0 == TLS1_3_VERSION }.map { (name, $0) }
    }

    @Test("for the client's certificate", arguments: keys)
    func clients(name: String, version: CInt) throws {
        let identity = try #require(Self.identities[name])
        let context = try Self.server("P-256")
        let client = Self.peer(version) { $0.identity = identity.client }
        let session = try Self.converse(context, with: client)
        let peer = session.peer
        #expect(peer?.der == identity.client.der)
        #expect(peer?.anchorSHA256 == Digest.sha256(identity.authority.der))
        #expect(peer != nil && peer?.weakness == nil)
    }

    @Test("for the server's certificate", arguments: keys)
    func servers(name: String, version: CInt) throws {
        let identity = try #require(Self.identities[name])
        let context = try Self.server(name)
        _ = try Self.converse(context, with: Self.peer(version) { $0.identity = identity.client })
        // And by our own calling side, which reads that certificate.
        let peer = Self.peer(version) {
            $0.isServer = true
            $0.identity = identity.server
        }
        let client = try ClientContext(
            World.clientSettings(identity.client) { $0.anchorsPEM = [identity.authority.certificatePEM] }
        )
        var side = Wire.Side(Session(client: client, serverName: "edge.example"))
        try side.session.start(replies: &side.output)
        side.talk(to: peer)
        let failed = side.failure
        let isEstablished = side.session.isEstablished
        #expect(failed == nil)
        #expect(isEstablished && peer.isEstablished, "\(peer.reasons)")
    }

    @Test("for the key exchange", arguments: ["X25519", "P-256", "P-384"], versions)
    func groups(name: String, version: CInt) throws {
        // Not an elliptic curve's key: in TLS 1.2 that curve would have to be offered, too.
        let identity = try #require(Self.identities["RSA 2048"])
        let context = try Self.server("RSA 2048")
        let client = Self.peer(version) {
            $0.identity = identity.client
            $0.groups = name
        }
        let session = try Self.converse(context, with: client)
        let isAnswered = session.isEstablished
        #expect(isAnswered)
    }

    @Test(
        "for the records of TLS 1.3",
        arguments: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    )
    func suites(name: String) throws {
        let identity = try #require(Self.identities["P-256"])
        let client = Self.peer(TLS1_3_VERSION) {
            $0.identity = identity.client
            $0.suites = name
        }
        let cipher = try Self.converse(try Self.server("P-256"), with: client).cipher
        #expect(cipher == name)
    }

    @Test(
        "for the records of TLS 1.2",
        arguments: ["ECDSA", "RSA"],
        ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]
    )
    func ciphers(signature: String, cipher: String) throws {
        let name = "ECDHE-\(signature)-\(cipher)"
        let identity = try #require(Self.identities["P-256"])
        let client = Self.peer(TLS1_2_VERSION) {
            $0.identity = identity.client
            $0.ciphers = name
        }
        let chosen = try Self.converse(try Self.server(signature == "RSA" ? "RSA 2048" : "P-256"), with: client).cipher
        #expect(chosen == name)
    }
}
