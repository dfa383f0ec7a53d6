// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TLS
import TestKit
import Testing

@Suite("An established session")
struct TransferTests {
    static func bytes(_ count: Int, seed: UInt8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) &+ seed }
    }

    static func established(chunkBytes: Int = .max) throws -> Wire {
        var wire = try World.wire()
        wire.chunkBytes = chunkBytes
        try wire.shake()
        return wire
    }

    @Test("carries a mebibyte both ways, however it is cut", arguments: [97, 1000, 16_389, Int.max])
    func carries(chunkBytes: Int) throws {
        var wire = try Self.established(chunkBytes: chunkBytes)
        let up = Self.bytes(1 << 20, seed: 1)
        let down = Self.bytes(1 << 20, seed: 2)
        try wire.client.send(up)
        try wire.server.send(down)
        wire.carry()
        #expect(wire.server.plaintext.array == up)
        #expect(wire.client.plaintext.array == down)
        #expect(wire.server.failure == nil && wire.client.failure == nil)
    }

    @Test("carries it byte by byte")
    func carriesBytes() throws {
        var wire = try Self.established(chunkBytes: 1)
        try wire.client.send(Self.bytes(40_000, seed: 1))
        wire.carry()
        #expect(wire.server.plaintext.array == Self.bytes(40_000, seed: 1))
    }

    static func side(isServer: Bool) throws -> Wire.Side {
        guard isServer else {
            return Wire.Side(
                Session(client: try ClientContext(World.clientSettings()), serverName: "edge.example")
            )
        }
        return Wire.Side(Session(server: try ServerContext(World.serverSettings())))
    }

    @Test("carries it over TLS 1.2 too", arguments: [false, true])
    func carriesOld(isServer: Bool) throws {
        var ours = try Self.side(isServer: isServer)
        let peer = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.isServer = !isServer
                $0.identity = isServer ? World.payfast : World.edge
                $0.versionMax = TLS1_2_VERSION
            }
        )
        if !isServer { try ours.session.start(replies: &ours.output) }
        ours.talk(to: peer)
        #expect(ours.session.version == "TLSv1.2")
        #expect(ours.session.cipher.hasPrefix("ECDHE-ECDSA-"))
        let up = Self.bytes(100_000, seed: 3)
        try ours.send(up)
        peer.write(Self.bytes(100_000, seed: 4))
        ours.talk(to: peer)
        #expect(peer.plaintext == up)
        #expect(ours.plaintext.array == Self.bytes(100_000, seed: 4))
    }

    @Test("puts a small message into one record, and adds at most 32 bytes to each")
    func records() throws {
        var wire = try Self.established()
        try wire.client.send(Self.bytes(300, seed: 0))
        let small = wire.client.takeOutput()
        #expect(small.count <= 300 + 32)
        try wire.client.send(Self.bytes(16_384 * 3, seed: 0))
        let large = wire.client.takeOutput()
        #expect(large.count <= 16_384 * 3 + 4 * 32)
        try wire.client.send([])
        #expect(wire.client.output.count == 0)
    }

    @Test("takes several records of one piece, also behind the last of the handshake")
    func takesSeveral() throws {
        var wire = try World.wire()
        try wire.client.session.start(replies: &wire.client.output)
        wire.server.receive(wire.client.takeOutput(), chunkBytes: .max)
        wire.client.receive(wire.server.takeOutput(), chunkBytes: .max)
        // The client is done first: what it says travels with the end of its handshake.
        try wire.client.send(Self.bytes(5, seed: 5))
        try wire.client.send(Self.bytes(20_000, seed: 6))
        wire.carry()
        #expect(wire.server.progress == .established)
        #expect(wire.server.plaintext.array == Self.bytes(5, seed: 5) + Self.bytes(20_000, seed: 6))
    }

    @Test("ends with close_notify, in each direction by itself")
    func closes() throws {
        var wire = try Self.established()
        try wire.client.send([1, 2, 3])
        wire.client.session.close(into: &wire.client.output)
        wire.carry()
        #expect(wire.server.plaintext.array == [1, 2, 3])
        #expect(wire.server.progress == .closed)
        #expect(wire.client.progress == .established)
        // The other direction is still open (RFC 8446 §6.1).
        try wire.server.send([4])
        wire.server.session.close(into: &wire.server.output)
        wire.carry()
        #expect(wire.client.plaintext.array == [4])
        #expect(wire.client.progress == .closed)
        wire.client.session.close(into: &wire.client.output)
        #expect(wire.client.output.count == 0, "close_notify is said once")
    }

    @Test("sends nothing after its close_notify")
    func sendsAfterClose() throws {
        var wire = try Self.established()
        wire.client.session.close(into: &wire.client.output)
        var reasons: [String] = []
        do throws(TLSFailure) { try wire.client.send([1]) } catch { reasons = error.reasons }
        #expect(reasons == ["protocol is shutdown"])
    }

    @Test("ignores what comes after close_notify")
    func afterClose() throws {
        var wire = try Self.established()
        wire.client.session.close(into: &wire.client.output)
        let end = wire.client.takeOutput()
        wire.server.receive(end + [22, 3, 3, 0, 1, 0], chunkBytes: .max)
        wire.server.receive(Array("garbage".utf8), chunkBytes: .max)
        #expect(wire.server.progress == .closed)
        #expect(wire.server.failure == nil)
        #expect(wire.server.plaintext.count == 0)
    }

    @Test("shows no part of a record that was cut, and no proper end either")
    func truncated() throws {
        var wire = try Self.established()
        try wire.client.send([1, 2, 3])
        try wire.client.send(Self.bytes(1000, seed: 7))
        let sent = wire.client.takeOutput()
        wire.server.receive(Array(sent.dropLast()), chunkBytes: .max)
        let isPeerClosed = wire.server.session.isPeerClosed
        #expect(wire.server.plaintext.array == [1, 2, 3])
        #expect(wire.server.progress == .established)
        #expect(!isPeerClosed)
    }

    @Test("refuses a record that was changed, tells the peer, and is over")
    func tampered() throws {
        var wire = try Self.established()
        try wire.client.send([1, 2, 3])
        let first = wire.client.takeOutput()
        try wire.client.send(Self.bytes(100, seed: 8))
        var second = wire.client.takeOutput()
        second[50] ^= 1
        wire.server.receive(first + second, chunkBytes: .max)
        let failure = wire.server.failure
        #expect(failure?.kind == .record)
        #expect(failure?.reasons == ["decryption failed or bad record mac"])
        #expect(failure?.peer?.dnsNames == ["edge.payfast.example"])
        #expect(wire.server.plaintext.array == [1, 2, 3])
        let alert = wire.server.takeOutput()
        wire.client.receive(alert, chunkBytes: .max)
        #expect(wire.client.failure?.reasons == ["sslv3 alert bad record mac"])

        wire.server.failure = nil
        wire.server.receive(first, chunkBytes: .max)
        #expect(wire.server.failure?.reasons.last == "the session had ended before")
        wire.server.session.close(into: &wire.server.output)
        #expect(wire.server.output.count == 0)
    }

    @Test("never answers a replayed record")
    func replayed() throws {
        var wire = try Self.established()
        try wire.client.send([1, 2, 3])
        let sent = wire.client.takeOutput()
        wire.server.receive(sent + sent, chunkBytes: .max)
        #expect(wire.server.plaintext.array == [1, 2, 3])
        #expect(wire.server.failure?.kind == .record)
    }
}
