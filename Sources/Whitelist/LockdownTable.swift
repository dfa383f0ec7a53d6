// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// Table `inet eig_lockdown`: closed to everyone but administrators, and no clear text to or from networks behind
/// tunnels.
///
/// It stands from before the network is up, is owned by nobody and outlives the enforcer. It comes after
/// `inet eig` and lets through only what that table marked, so that a host is closed while `inet eig` is
/// missing, and connections that were accepted live on while the enforcer restarts.
package struct LockdownTable {
    package static let name = "eig_lockdown"
    /// The counter of what it dropped.
    package static let counter = "closed"

    package static func table(_ features: Set<KernelFeature>) -> Table {
        Table(
            name: name,
            ownership: .anyone,
            counters: [counter],
            sets: sets,
            chains: [
                Chain("input", hook: .init(.input, priority: 10, dropsByDefault: true), rules: input(features)),
                Chain(
                    "forward",
                    hook: .init(.forward, priority: 10, dropsByDefault: true),
                    rules: [Rule("not a router", [.count(counter), .drop])]
                ),
                // What this host sends is its own, but for this: the traps of a pluto that has stopped are gone.
                Chain(
                    "output",
                    hook: .init(.output, priority: 10, dropsByDefault: false),
                    rules: [Rule("loopback", [.leaves(byInterface: "lo"), .accept])]
                        + CommonRules.leaks(counting: counter, features)
                ),
            ] + CommonRules.icmpChains(counting: counter)
        )
    }

    package static let sets = [EdgeSet.management, .tunnelNetworks].flatMap { set in
        ElementSet.Family.allCases.map { set.set($0) }
    }

    /// The part of the allow-list it holds.
    package static func elements(of list: AllowList) -> [String: [Element: String]] {
        let names = Set(sets.map(\.name))
        return list.elements.filter { names.contains($0.key) }
    }

    private static func input(_ features: Set<KernelFeature>) -> [Rule] {
        var rules = [Rule("loopback", [.arrives(onInterface: "lo"), .accept])]
        rules += CommonRules.clearText(counting: counter, features)
        rules.append(Rule("broken connections", [.connection([.invalid]), .count(counter), .drop]))
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
