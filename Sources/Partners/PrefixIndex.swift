// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Finds which of many networks contains another: one look-up for each length that occurs.
struct PrefixIndex<Owner> {
    private var owners: [IPPrefix: Owner] = [:]
    private var lengths: [Bool: Set<Int>] = [:]

    /// Of two equal networks the one put in first stays.
    mutating func insert(_ prefix: IPPrefix, _ owner: Owner) {
        guard owners[prefix] == nil else { return }
        owners[prefix] = owner
        lengths[prefix.address.isV4, default: []].insert(prefix.bitCount)
    }

    /// The widest network that contains `prefix`, or is it.
    func container(of prefix: IPPrefix) -> (prefix: IPPrefix, owner: Owner)? {
        for length in (lengths[prefix.address.isV4] ?? []).sorted() where length <= prefix.bitCount {
            guard let outer = IPPrefix(prefix.address.masked(to: length), bitCount: length) else { continue }
            if let owner = owners[outer] { return (outer, owner) }
        }
        return nil
    }
}
