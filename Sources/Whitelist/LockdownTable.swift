// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// Table `inet eig_lockdown`: closed to everyone but administrators.
///
/// It stands from before the network is up, is owned by nobody and outlives the enforcer. It comes after
/// `inet eig` and lets through only what that table marked, so that a host is closed while `inet eig` is
/// missing, and connections that were accepted live on while the enforcer restarts.
package struct LockdownTable {
    package static let name = "eig_lockdown"
    /// The counter of what it dropped.
    package static let counter = "closed"

    package static let table = Table(
        name: name,
        ownership: .anyone,
        counters: [counter],
        sets: managementSets,
        chains: [
            Chain("input", hook: .init(.input, priority: 10, dropsByDefault: true), rules: input),
            Chain(
                "forward",
                hook: .init(.forward, priority: 10, dropsByDefault: true),
                rules: [Rule("not a router", [.count(counter), .drop])]
            ),
        ] + CommonRules.icmpChains(counting: counter)
    )

    package static let managementSets = ElementSet.Family.allCases.map { EdgeSet.management.set($0) }

    /// The part of the allow-list it holds.
    package static func elements(of list: AllowList) -> [String: [Element: String]] {
        let names = Set(managementSets.map(\.name))
        return list.elements.filter { names.contains($0.key) }
    }

    private static var input: [Rule] {
        var rules = [
            Rule("loopback", [.arrives(onInterface: "lo"), .accept]),
            Rule("broken connections", [.connection([.invalid]), .count(counter), .drop]),
        ]
        rules += CommonRules.icmpJumps + CommonRules.addressAssignment
        rules += ElementSet.Family.allCases.map { family in
            let key = Statement.Key(family, .source, .destination)
            let set = EdgeSet.management.set(family).name
            let mark = Statement.mark(ReservedMark.management.rawValue)
            return Rule("management", [.family(family), .transport(.tcp), .within(key, set: set), mark, .accept])
        }
        return rules + [
            Rule("accepted by inet eig", [.hasMark, .accept]),
            Rule("answers", [.isReply, .connection([.established]), .accept]),
            Rule("closed", [.count(counter), .drop]),
        ]
    }
}
