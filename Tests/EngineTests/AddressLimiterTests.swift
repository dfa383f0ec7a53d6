// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import Engine

@Suite("Handshakes per address")
struct AddressLimiterTests {
    static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    /// A limiter and who comes to it.
    private final class Door {
        private var limiter: AddressLimiter
        var now = start

        init(seed: UInt64 = 0x1234_5678_9abc_def1, burst: Int = 3) {
            limiter = AddressLimiter(bucket: RateBucket(perSecond: 1, burst: burst), seed: seed)
        }

        func admitted(_ text: String, of count: Int) throws -> Int {
            let address = try #require(IPAddress(text))
            return (0..<count).count { _ in limiter.admits(address, now: now) }
        }
    }

    @Test("are limited for one IPv4 address, and no other pays for it")
    func v4() throws {
        let door = Door()
        #expect(try door.admitted("192.0.2.1", of: 10) == 3)
        for last in 2..<20 { #expect(try door.admitted("192.0.2.\(last)", of: 3) == 3) }
    }

    @Test("are shared by all addresses of one IPv6 /64, and by nobody else")
    func v6() throws {
        let door = Door()
        #expect(try door.admitted("2001:db8:1:2::1", of: 2) == 2)
        #expect(try door.admitted("2001:db8:1:2:ffff:ffff:ffff:ffff", of: 2) == 1)
        #expect(try door.admitted("2001:db8:1:2::2", of: 1) == 0)
        #expect(try door.admitted("2001:db8:1:3::1", of: 3) == 3)
    }

    @Test("of a mapped address are those of the IPv4 address inside")
    func mapped() throws {
        let door = Door()
        #expect(try door.admitted("192.0.2.1", of: 2) == 2)
        #expect(try door.admitted("::ffff:192.0.2.1", of: 2) == 1)
    }

    @Test("come back with time")
    func refills() throws {
        let door = Door()
        #expect(try door.admitted("192.0.2.1", of: 4) == 3)
        door.now = Self.start + .milliseconds(999)
        #expect(try door.admitted("192.0.2.1", of: 1) == 0)
        door.now = Self.start + .seconds(1)
        #expect(try door.admitted("192.0.2.1", of: 2) == 1)
    }

    @Test("are spread by the seed: neighbours rarely share a bucket", arguments: UInt64(1)...5)
    func spread(seed: UInt64) throws {
        let door = Door(seed: seed, burst: 1)
        let admitted = try (0..<1024).count { try door.admitted("192.0.\($0 >> 8).\($0 & 255)", of: 1) == 1 }
        // 1024 of 4096 slots: about 115 collide when the hash is even.
        #expect(admitted > 850)
    }
}
