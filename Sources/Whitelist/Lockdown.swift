// SPDX-License-Identifier: Apache-2.0
package import Base
package import Netfilter

extension LockdownTable {
    /// Puts the lock-down table in place, or brings it to the given networks, in one transaction.
    ///
    /// It never opens anything that is closed: a table that cannot be made leaves the one before it.
    ///
    /// - Parameter tunnelNetworks: what lies behind tunnels: neither sent to nor heard in clear text.
    /// - Returns: what was changed, in words; empty when nothing was.
    package static func apply(
        management: EdgePolicy.Zone,
        tunnelNetworks: [IPPrefix] = [],
        to filter: inout some PacketFilter & ~Copyable
    ) throws(NetfilterFailure) -> [String] {
        let elements = elements(management: management, tunnelNetworks: tunnelNetworks)
        var features = Set(KernelFeature.allCases)
        var text: [Rule: [String]] = [:]
        for rule in table(features).chains.flatMap(\.rules) { text[rule] = filter.text(of: rule) }
        for _ in 0..<16 {
            let generation = try filter.generation()
            let state = try filter.read(name, sets: sets)
            let delta = TableDelta(from: state, to: table(features), elements: elements, text: text)
            do throws(NetfilterFailure) {
                try filter.commit(delta.changes, generation: generation)
                return delta.structural
                    + (delta.isEmpty
                        ? [] : ["inet \(name) holds \(elements.values.reduce(0) { $0 + $1.count }) entries"])
            } catch {
                if error.reason == .stale || error.reason == .unsteady { continue }
                guard let index = error.changeIndex, let feature = features.missing(for: delta.changes[index]) else {
                    throw error
                }
                features.remove(feature)
            }
        }
        throw NetfilterFailure(.unsteady, subject: "lock down")
    }

    private static func elements(
        management: EdgePolicy.Zone,
        tunnelNetworks: [IPPrefix]
    ) -> [String: [Element: String]] {
        var elements: [String: [Element: String]] = [:]
        for prefix in PrefixCover(management.from).prefixes {
            for port in Set(management.ports) {
                let element = Element(prefix, port: port)
                elements[EdgeSet.management.set(element.family).name, default: [:]][element] = "management"
            }
        }
        for prefix in PrefixCover(tunnelNetworks).prefixes {
            let element = Element(tunnelNetwork: prefix)
            elements[EdgeSet.tunnelNetworks.set(element.family).name, default: [:]][element] = "tunnel"
        }
        return elements
    }
}

extension Element {
    /// A network behind a tunnel, whatever the protocol.
    init(tunnelNetwork prefix: IPPrefix) {
        self.init(first: prefix.address, last: prefix.last, companion: 0...255)
    }
}
