// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("An IP address")
struct IPAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// The canonical text, or nothing when it must be refused.
        let want: String?
        var testDescription: String { "\"\(text)\"" }

        init(_ text: String, _ want: String?) {
            self.text = text
            self.want = want
        }
    }

    static let cases: [Case] = [
        Case("0.0.0.0", "0.0.0.0"),
        Case("255.255.255.255", "255.255.255.255"),
        Case("192.0.2.1", "192.0.2.1"),
        // RFC 5952 §4.
        Case("2001:0db8::0001", "2001:db8::1"),
        Case("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        Case("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        Case("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        Case("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        Case("2001:DB8::AbCd", "2001:db8::abcd"),
        Case("::1", "::1"),
        Case("1::", "1::"),
        Case("::", "::"),
        Case("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        Case("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        Case("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        Case("::ffff:192.0.2.1", "192.0.2.1"),
        Case("::ffff:c000:201", "192.0.2.1"),
        Case("::192.0.2.1", "::c000:201"),
        Case("", nil),
        Case("1.2.3", nil),
        Case("1.2.3.4.5", nil),
        Case("1.2.3.04", nil),
        Case("1.2.3.256", nil),
        Case("1.2.3.4 ", nil),
        Case(" 1.2.3.4", nil),
        Case("1.2.3.-4", nil),
        Case("0x7f.0.0.1", nil),
        Case("127.1", nil),
        Case("2130706433", nil),
        Case("1..2.3", nil),
        Case(":", nil),
        Case(":::", nil),
        Case("1:2:3:4:5:6:7", nil),
        Case("1:2:3:4:5:6:7:8:9", nil),
        Case("1:2:3:4:5:6:7:8::", nil),
        Case("1::2::3", nil),
        Case(":1:2:3:4:5:6:7", nil),
        Case("1:2:3:4:5:6:7:", nil),
        Case("12345::", nil),
        Case("g::", nil),
        Case("fe80::1%eth0", nil),
        Case("[::1]", nil),
        Case("1.2.3.4::", nil),
        Case("::1.2.3.4:5", nil),
        Case("::1.2.3", nil),
    ]

    @Test("has one spelling", arguments: cases)
    func text(_ testCase: Case) { #expect(IPAddress(testCase.text)?.description == testCase.want) }

    @Test("comes back from its text and from its bytes", arguments: UInt64(1)...200)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var groups = (0..<8).map { _ in random.next() & 0xffff }
        // Runs of zeros are what the shortening is about.
        for index in groups.indices where Bool.random(using: &random) { groups[index] = 0 }
        let words = [groups[..<4], groups[4...]].map { $0.reduce(0) { $0 << 16 | $1 } }
        for address in [.v6Folded(high: words[0], low: words[1]), IPAddress.v4(UInt32(truncatingIfNeeded: words[1]))] {
            #expect(IPAddress(address.description) == address)
            #expect(IPAddress(bytes: address.bytes) == address)
            #expect(address.bytes.count * 8 == address.bitWidth)
        }
    }

    @Test("is nothing of another number of bytes", arguments: [0, 3, 5, 15, 17])
    func byteCount(_ count: Int) { #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil) }
}

@Suite("An address and a port")
struct IPEndpointTests {
    @Test("has one spelling", arguments: ["192.0.2.1:443", "0.0.0.0:1", "[2001:db8::1]:65535", "[::]:8443"])
    func takes(_ text: String) { #expect(IPEndpoint(text)?.description == text) }

    static let refused = [
        "", "192.0.2.1", ":443", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+1", "192.0.2.1: 1",
        "192.0.2.1:1x", "2001:db8::1:443", "[2001:db8::1]", "[192.0.2.1]:443", "[2001:db8::1:443", "example.net:443",
        "[::1]]:443", "192.0.2.1:000443",
    ]

    @Test("is nothing else", arguments: refused)
    func refuses(_ text: String) { #expect(IPEndpoint(text) == nil) }
}

@Suite("A network and what is in it")
struct IPPrefixMembershipTests {
    @Test("holds the addresses a bit-by-bit comparison finds in it", arguments: UInt64(1)...300)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let isV4 = Bool.random(using: &random)
        let width = isV4 ? 32 : 128
        let bitCount = Int.random(in: 0...width, using: &random)
        let base = (0..<width).map { $0 < bitCount ? UInt8.random(in: 0...1, using: &random) : 0 }
        var other = base
        // Differ in one bit, so that both answers are common.
        let flipped = Int.random(in: 0..<width, using: &random)
        other[flipped] ^= 1
        guard let network = Self.address(base), let near = Self.address(other), network.isV4 == isV4, near.isV4 == isV4
        else { return }
        let prefix = try #require(IPPrefix(network, bitCount: bitCount))
        #expect(prefix.contains(network))
        #expect(prefix.contains(near) == (flipped >= bitCount))
        #expect(prefix.contains(prefix.last))
        #expect(IPPrefix(prefix.description) == prefix)
        let isOutside = flipped >= bitCount
        #expect((IPPrefix(near, bitCount: bitCount) == nil) == isOutside, "host bits are refused")
        #expect(prefix.overlaps(IPPrefix(near)) == prefix.contains(near))
    }

    private static func address(_ bits: [UInt8]) -> IPAddress? {
        IPAddress(bytes: stride(from: 0, to: bits.count, by: 8).map { bits[$0..<$0 + 8].reduce(0) { $0 << 1 | $1 } })
    }

    @Test("never holds an address of the other family")
    func families() throws {
        let everything4 = try #require(IPPrefix("0.0.0.0/0"))
        let everything6 = try #require(IPPrefix("::/0"))
        let v4 = try #require(IPAddress("192.0.2.1"))
        let v6 = try #require(IPAddress("2001:db8::1"))
        #expect(everything4.contains(v4) && !everything4.contains(v6))
        #expect(everything6.contains(v6) && !everything6.contains(v4))
        #expect(!everything4.overlaps(everything6))
    }
}
