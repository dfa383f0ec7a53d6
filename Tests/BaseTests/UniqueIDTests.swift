// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("A unique identifier")
struct UniqueIDTests {
    @Test("is the example of RFC 9562 (appendix A.6), given its time and random bits")
    func example() {
        // 2022-02-22T19:22:22Z; rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f.
        let instant = WallInstant(milliseconds: 0x017f_22e2_79b0)
        let id = UniqueID(at: instant, random: (0xcc3, 0x18c4_dc0c_0c07_398f))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(instant.rfc3339 == "2022-02-22T19:22:22.000Z")
    }

    @Test("has version 7 and the one variant, whatever bits are drawn", arguments: UInt64(1)...50)
    func version(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let instant = WallInstant(milliseconds: Int64.random(in: 0..<(1 << 48), using: &random))
        let id = UniqueID(at: instant, random: (random.next(), random.next()))
        #expect(id.high >> 12 & 15 == 7)
        #expect(id.low >> 62 == 0b10)
        #expect(Int64(id.high >> 16) == instant.milliseconds)
    }

    @Test("reads back what it writes, in either case", arguments: UInt64(1)...50)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let id = UniqueID(high: random.next(), low: random.next())
        #expect(UniqueID(id.description) == id)
        #expect(UniqueID(id.description.uppercased()) == id)
        #expect(Hex.encode(id.bytes) == id.description.filter { $0 != "-" })
        var buffer = ByteBuffer()
        buffer.append(id)
        #expect(String(buffer.bytes) == id.description)
    }

    @Test("sorts by the time it was made, then by its random bits")
    func sorts() {
        let times: [Int64] = [0, 1, 255, 256, 65_535, 65_536, 1_800_000_000_000, 1_800_000_000_001]
        let ids = times.flatMap { time in
            [UInt64(0), .max].map { UniqueID(at: WallInstant(milliseconds: time), random: ($0, $0)) }
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }

    @Test("keeps to 48 bits of time: before 1970 is 1970")
    func clamps() {
        #expect(UniqueID(at: WallInstant(seconds: -1), random: (0, 0)).high == 0x7000)
    }

    static let malformed = [
        "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2_79b0_7cc3_98c4_dc0c0c07398f",
        "-17f22e2079b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ]

    @Test("is 32 digits and four hyphens in their places, and nothing else", arguments: malformed)
    func refuses(_ text: String) { #expect(UniqueID(text) == nil) }
}
