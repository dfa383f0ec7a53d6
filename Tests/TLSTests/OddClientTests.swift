// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TLS
import TestKit
import Testing

/// What arrives at a public TLS port besides partners.
@Suite("A server that meets an odd client")
struct OddClientTests {
    static func server(_ change: (inout ServerTLSSettings) -> Void = { _ in }) throws -> Wire.Side {
        Wire.Side(Session(server: try ServerContext(World.serverSettings(change))))
    }

    struct Noise: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let reason: String
        var testDescription: String { name }
    }

    static let noises: [Noise] = [
        Noise(name: "plain GET", bytes: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), reason: "http request"),
        Noise(name: "plain POST", bytes: Array("POST /eig HTTP/1.1\r\n\r\n".utf8), reason: "http request"),
        Noise(name: "plain DELETE", bytes: Array("DELETE / HTTP/1.1\r\n".utf8), reason: "plain text instead of TLS"),
        Noise(name: "CONNECT", bytes: Array("CONNECT a:443 HTTP/1.1\r\n".utf8), reason: "https proxy request"),
        Noise(name: "SSH", bytes: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), reason: "plain text instead of TLS"),
        Noise(
            name: "PROXY",
            bytes: Array("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".utf8),
            reason: "plain text instead of TLS"
        ),
        Noise(name: "zeros", bytes: [UInt8](repeating: 0, count: 64), reason: "wrong version number"),
        Noise(name: "0xff", bytes: [UInt8](repeating: 0xff, count: 64), reason: "wrong version number"),
        Noise(
            name: "data before the handshake",
            bytes: [23, 3, 3, 0, 2, 1, 2],
            reason: "unexpected message"
        ),
        Noise(
            name: "a handshake message that is no ClientHello",
            bytes: [22, 3, 1, 0, 4, 20, 0, 0, 0],
            reason: "unexpected message"
        ),
        Noise(
            name: "a record longer than records are",
            bytes: [22, 3, 1, 0xff, 0xff] + [UInt8](repeating: 1, count: 100),
            reason: "packet length too long"
        ),
    ]

    @Test("says what the noise was", arguments: noises)
    func noise(_ noise: Noise) throws {
        var server = try Self.server()
        server.receive(noise.bytes, chunkBytes: .max)
        #expect(server.failure?.kind == .handshake)
        #expect(server.failure?.reasons.last == noise.reason)
        #expect(server.failure?.peer == nil)
        #expect(server.plaintext.count == 0)
    }

    @Test("waits for the rest of a cut ClientHello, then goes on")
    func waits() throws {
        var wire = try World.wire()
        try wire.client.session.start(replies: &wire.client.output)
        let hello = wire.client.takeOutput()
        wire.server.receive(Array(hello.prefix(100)), chunkBytes: 3)
        #expect(wire.server.progress == .handshaking)
        #expect(wire.server.output.count == 0)
        wire.server.receive(Array(hello.dropFirst(100)), chunkBytes: .max)
        #expect(wire.server.output.count > 0)
        wire.carry()
        #expect(wire.server.progress == .established)
    }

    @Test("survives any damage to a ClientHello", arguments: UInt64(1)...100)
    func damaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var wire = try World.wire()
        try wire.client.session.start(replies: &wire.client.output)
        var hello = wire.client.takeOutput()
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            hello[Int.random(in: 5..<hello.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { hello.removeLast(Int.random(in: 1..<hello.count, using: &random)) }
        wire.server.receive(hello, chunkBytes: Int.random(in: 1...600, using: &random))
        wire.carry()
        let isEstablished = wire.server.session.isEstablished
        let hasPeer = wire.server.session.peer != nil
        // Damage that TLS allows (a different random, an unknown extension) breaks the transcript later.
        #expect(!isEstablished || hasPeer)
    }

    struct Policy: Sendable, CustomTestStringConvertible {
        let name: String
        let options: OpenSSLPeer.Options
        /// Nothing where the client must be taken.
        let reason: String?
        var alpn = ""
        var testDescription: String { name }
    }

    static let usual = OpenSSLPeer.Options(identity: World.payfast)
    static let http1: [UInt8] = [8] + Array("http/1.1".utf8)
    static let http2: [UInt8] = [2] + Array("h2".utf8)

    static let policies: [Policy] = [
        Policy(name: "no ALPN", options: usual, reason: nil),
        Policy(name: "http/1.1", options: usual.with { $0.protocols = http1 }, reason: nil, alpn: "http/1.1"),
        Policy(name: "h2 first", options: usual.with { $0.protocols = http2 + http1 }, reason: nil, alpn: "http/1.1"),
        Policy(name: "h2 only", options: usual.with { $0.protocols = http2 }, reason: "no application protocol"),
        Policy(
            name: "TLS 1.1",
            options: usual.with { $0.versionMax = TLS1_1_VERSION },
            reason: "unsupported protocol"
        ),
        Policy(
            name: "CBC only",
            options: usual.with {
                $0.versionMax = TLS1_2_VERSION
                $0.ciphers = "ECDHE-ECDSA-AES128-SHA256"
            },
            reason: "no shared cipher"
        ),
        Policy(
            name: "no forward secrecy",
            options: usual.with {
                $0.versionMax = TLS1_2_VERSION
                $0.ciphers = "AES128-GCM-SHA256"
            },
            reason: "no shared cipher"
        ),
        Policy(
            name: "AES-256 in TLS 1.2",
            options: usual.with {
                $0.versionMax = TLS1_2_VERSION
                $0.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"
            },
            reason: nil
        ),
    ]

    @Test("keeps to its protocols, versions and ciphers", arguments: policies)
    func policy(_ policy: Policy) throws {
        var server = try Self.server()
        let client = OpenSSLPeer(policy.options)
        server.talk(to: client)
        #expect(server.failure?.reasons.last == policy.reason)
        #expect(client.isEstablished == (policy.reason == nil))
        #expect(client.alpn == policy.alpn)
    }

    @Test("refuses TLS 1.2 where 1.3 is the least")
    func newerOnly() throws {
        var server = try Self.server { $0.minVersion = .tls13 }
        server.talk(to: OpenSSLPeer(Self.usual.with { $0.versionMax = TLS1_2_VERSION }))
        #expect(server.failure?.reasons.last == "unsupported protocol")
    }

    @Test("refuses renegotiation, and goes on")
    func renegotiation() throws {
        var server = try Self.server()
        let client = OpenSSLPeer(Self.usual.with { $0.versionMax = TLS1_2_VERSION })
        server.talk(to: client)
        client.renegotiate()
        client.advance()
        server.receive(client.give(), chunkBytes: .max)
        #expect(server.failure == nil)
        #expect(server.progress == .established)
        try server.send([1, 2])
        let answer = server.takeOutput()
        // A warning, no_renegotiation, encrypted: a record of type alert (RFC 5246 §7.2).
        #expect(answer.starts(with: [21, 3, 3]))
        client.take(answer)
        client.advance()
        #expect(client.reasons == ["no renegotiation"])
    }

    @Test("gives out no ticket", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func tickets(version: CInt) throws {
        var server = try Self.server()
        let client = OpenSSLPeer(Self.usual.with { $0.versionMax = version })
        server.talk(to: client)
        try server.send([1])
        server.talk(to: client)
        #expect(client.plaintext == [1])
        #expect(unsafe SSL_SESSION_has_ticket(SSL_get_session(client.ssl)) == 0)
    }

    @Test("hears no name where the client says none")
    func unnamed() throws {
        var server = try Self.server()
        server.talk(to: OpenSSLPeer(Self.usual))
        #expect(server.progress == .established)
        #expect(server.session.serverName == nil)
    }
}
