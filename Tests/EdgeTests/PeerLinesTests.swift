// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import Edge

@Suite("What is said of a peer by its address")
struct PeerLinesTests {
    private static func key(_ address: String, _ side: ServerConnection.Side = .partners) throws -> PeerLines.Key {
        PeerLines.Key(side: side, address: try #require(IPAddress(address)))
    }

    @Test(
        "is spelled as the log and RFC 7239 have it",
        arguments: [
            ("192.0.2.7", "Forwarded: for=192.0.2.7;proto=https\r\n"),
            ("2001:db8::7", "Forwarded: for=\"[2001:db8::7]\";proto=https\r\n"),
        ]
    )
    func spelled(_ address: String, _ line: String) throws {
        let lines = PeerLines(try Self.key(address))
        #expect(String(decoding: lines.forwardedLine, as: UTF8.self) == line)
        let fields = String(decoding: lines.logFields, as: UTF8.self)
        #expect(fields.contains("\"listener\":\"partners\"") && fields.contains("\"peer\":\"\(address)\""))
    }

    @Test("is written once for all connections from one address to one side")
    func shared() throws {
        var cache = PeerLinesCache(countMax: 8)
        let first = cache.lines(of: try Self.key("192.0.2.7"))
        #expect(cache.lines(of: try Self.key("192.0.2.7")) === first)
        #expect(cache.lines(of: try Self.key("192.0.2.8")) !== first)
        let inside = cache.lines(of: try Self.key("192.0.2.7", .inside))
        #expect(inside !== first && String(decoding: inside.logFields, as: UTF8.self).contains("\"internal\""))
    }

    @Test("is forgotten when there are more addresses than are remembered")
    func bounded() throws {
        var cache = PeerLinesCache(countMax: 2)
        let first = cache.lines(of: try Self.key("192.0.2.1"))
        _ = cache.lines(of: try Self.key("192.0.2.2"))
        #expect(cache.lines(of: try Self.key("192.0.2.1")) === first)
        _ = cache.lines(of: try Self.key("192.0.2.3"))
        #expect(cache.lines(of: try Self.key("192.0.2.1")) !== first)
    }
}
