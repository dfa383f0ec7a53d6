// SPDX-License-Identifier: Apache-2.0
package import Netfilter

extension LockdownTable {
    /// Puts the lock-down table in place, or brings it to the given management networks, in one transaction.
    ///
    /// It never opens anything that is closed: a table that cannot be made leaves the one before it.
    ///
    /// - Returns: what was changed, in words; empty when nothing was.
    package static func apply(
        management: EdgePolicy.Zone,
        to filter: inout some PacketFilter & ~Copyable
    ) throws(NetfilterFailure) -> [String] {
        var elements: [String: [Element: String]] = [:]
        for prefix in PrefixCover(management.from).prefixes {
            for port in Set(management.ports) {
                let element = Element(prefix, port: port)
                elements[EdgeSet.management.set(element.family).name, default: [:]][element] = "management"
            }
        }
        var text: [Rule: [String]] = [:]
        for rule in table.chains.flatMap(\.rules) { text[rule] = filter.text(of: rule) }
        for _ in 0..<16 {
            let generation = try filter.generation()
            let state = try filter.read(name, sets: managementSets)
            let delta = TableDelta(from: state, to: table, elements: elements, text: text)
            do throws(NetfilterFailure) {
                try filter.commit(delta.changes, generation: generation)
                return delta.structural
                    + (delta.isEmpty
                        ? [] : ["inet \(name) holds \(elements.values.reduce(0) { $0 + $1.count }) entries"])
            } catch {
                guard error.reason == .stale || error.reason == .unsteady else { throw error }
            }
        }
        throw NetfilterFailure(.unsteady, subject: "lock down")
    }
}
