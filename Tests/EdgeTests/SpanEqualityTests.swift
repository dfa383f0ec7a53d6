// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

@testable import Edge

@Suite("Equality of bytes")
struct SpanEqualityTests {
    private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.span.equals(right.span) }

    private static func equalFolded(_ left: String, _ right: String) -> Bool {
        left.utf8.span.equalsFolded(right.utf8.span)
    }

    @Test("is that of arrays, at every length and with a difference at every place", arguments: 0...40)
    func everywhere(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        #expect(Self.equal(bytes, Array(bytes)))
        let longer = bytes + [0]
        #expect(!Self.equal(bytes, longer) && !Self.equal(longer, bytes))
        for place in 0..<count {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << UInt8(bit)
                #expect(!Self.equal(bytes, other), "byte \(place), bit \(bit)")
            }
        }
    }

    @Test("forgives the case of letters and of nothing else")
    func folded() {
        for (text, want) in [
            ("edge-1.example", true), ("EDGE-1.Example", true), ("edge-1.exampl", false), ("edge-1.exampleX", false),
            ("edge\r1.example", false), ("edge-1/example", false), ("edge-Q.example", false),
        ] {
            #expect(Self.equalFolded(text, "edge-1.example") == want, "\(text)")
        }
        // What differs from a small letter by the same bit, and is no letter.
        #expect(!Self.equalFolded("@[\\]^", "`{|}~"))
    }
}

@Suite("Roles as bits")
struct RoleSetTests {
    @Test("meet where the sets do")
    func disjoint() {
        let sets: [Set<PartnerRole>] = [[], [.send], [.receive], [.send, .receive]]
        for left in sets {
            for right in sets {
                #expect(RoleSet(left).isDisjoint(with: RoleSet(right)) == left.isDisjoint(with: right))
            }
        }
    }
}
