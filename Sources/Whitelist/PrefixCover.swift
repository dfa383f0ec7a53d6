// SPDX-License-Identifier: Apache-2.0
package import Base

/// The fewest of the given prefixes that cover what all of them cover.
///
/// Two prefixes either nest or have nothing in common, so dropping every prefix inside another leaves
/// disjoint ones, and leaves each as it was given: an entry keeps its counters while its neighbours come
/// and go. Joining neighbours (`10.0.0.0/25` and `10.0.0.128/25`) would not, and is not done.
package struct PrefixCover: Hashable, Sendable {
    /// Disjoint, in address order.
    package let prefixes: [IPPrefix]

    package init(_ given: some Sequence<IPPrefix>) {
        var kept: [IPPrefix] = []
        // In this order a prefix comes right after what contains it.
        for prefix in given.sorted() {
            if let last = kept.last, last.contains(prefix) { continue }
            kept.append(prefix)
        }
        prefixes = kept
    }

    /// The prefix that contains `address`, if any.
    package func prefix(containing address: IPAddress) -> IPPrefix? {
        var low = 0
        var high = prefixes.count
        while low < high {
            let middle = (low + high) / 2
            if prefixes[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, prefixes[low - 1].contains(address) else { return nil }
        return prefixes[low - 1]
    }
}
