// SPDX-License-Identifier: Apache-2.0
package import Base

/// Finds networks that overlap, by sorting: n log n for n networks, plus one step for each overlap found.
///
/// Two networks overlap only when one contains the other, so walking them in order with a stack of those still
/// open meets every container of a network just above it.
package struct PrefixClaims<Owner> {
    package struct Claim {
        package let prefix: IPPrefix
        package let owner: Owner

        package init(prefix: IPPrefix, owner: Owner) {
            self.prefix = prefix
            self.owner = owner
        }
    }

    private let sorted: [Claim]

    /// Of two equal networks the one given first counts as the outer one.
    package init(_ claims: [Claim]) {
        sorted = claims.enumerated().sorted {
            ($0.element.prefix, $0.offset) < ($1.element.prefix, $1.offset)
        }.map(\.element)
    }

    /// Each network inside another, with the nearest such container.
    package func overlaps() -> [(outer: Claim, inner: Claim)] {
        var found: [(outer: Claim, inner: Claim)] = []
        var open: [Claim] = []
        for claim in sorted {
            while let last = open.last, !last.prefix.contains(claim.prefix) { open.removeLast() }
            if let outer = open.last { found.append((outer, claim)) }
            open.append(claim)
        }
        return found
    }
}
