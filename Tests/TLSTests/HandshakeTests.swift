// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("Handshake")
struct HandshakeTests {
    @Test("ends with both sides knowing each other", arguments: [1, 7, Int.max])
    func establishes(chunkBytes: Int) throws {
        var wire = try World.wire()
        wire.chunkBytes = chunkBytes
        try wire.shake()
        #expect(wire.server.progress == .established)
        #expect(wire.client.progress == .established)
        #expect(wire.server.session.version == "TLSv1.3")
        #expect(wire.server.session.cipher == "TLS_AES_128_GCM_SHA256")
        #expect(wire.server.session.serverName == "edge.example")
        let seenByServer = wire.server.session.peer
        let partner = try #require(seenByServer)
        #expect(partner.dnsNames == ["edge.payfast.example"])
        #expect(partner.anchorSHA256 == Digest.sha256(World.payfastCA.der))
        #expect(partner.der == World.payfast.der)
        let seenByClient = wire.client.session.peer
        let edge = try #require(seenByClient)
        #expect(edge.dnsNames == ["edge.example"])
        #expect(edge.anchorSHA256 == Digest.sha256(World.edgeCA.der))
    }
}
