// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("Claims on networks")
struct PrefixClaimsTests {
    /// Small and dense, so that every way to overlap occurs.
    static func claims(seed: UInt64) -> [PrefixClaims<Int>.Claim] {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
        return (0..<Int(next(40))).compactMap { _ in
            let bits = 24 + Int(next(9))
            let isV4 = next(4) > 0
            let address: IPAddress =
                isV4 ? .v4(0x0a00_0000 | UInt32(next(256))) : .v6(high: 0x2001_0db8 << 32, low: next(256) << 32)
            let wide = isV4 ? bits : bits + 48
            guard let prefix = IPPrefix(address.masked(to: wide), bitCount: wide) else { return nil }
            return .init(prefix: prefix, owner: Int(next(4)))
        }
    }

    @Test("are in conflict exactly when some two of different owners overlap", arguments: UInt64(1)...300)
    func agreesWithBruteForce(seed: UInt64) {
        let claims = Self.claims(seed: seed)
        let found = PrefixClaims(claims).overlaps()
        for (outer, inner) in found { #expect(outer.prefix.contains(inner.prefix)) }
        var isInConflict = false
        var overlapping = 0
        for (index, claim) in claims.enumerated() {
            let others = claims.enumerated().filter { $0.offset != index && $0.element.prefix.overlaps(claim.prefix) }
            if others.contains(where: { $0.element.owner != claim.owner }) { isInConflict = true }
            let isInside = others.contains {
                $0.element.prefix.contains(claim.prefix) && ($0.element.prefix != claim.prefix || $0.offset < index)
            }
            if isInside { overlapping += 1 }
        }
        #expect(found.contains { $0.outer.owner != $0.inner.owner } == isInConflict)
        #expect(found.count == overlapping)
    }
}
