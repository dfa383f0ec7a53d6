// SPDX-License-Identifier: Apache-2.0

/// What the kernel holds of one table, as it was read in one go.
package struct TableState: Hashable, Sendable {
    package enum Holder: Hashable, Sendable {
        case anyone
        /// Its owner is gone; the next to create it owns it.
        case nobody
        case us
        case another
    }

    package struct ChainState: Hashable, Sendable {
        package var hook: Chain.Hook?
        /// Each rule's expressions as libnftnl writes them; see ``PacketFilter/text(of:)``.
        package var rules: [[String]]

        package init(hook: Chain.Hook?, rules: [[String]]) {
            self.hook = hook
            self.rules = rules
        }
    }

    package var ownership: Table.Ownership
    /// Who may change it as things are.
    package var holder: Holder
    package var counters: [String: Tally]
    package var chains: [String: ChainState]
    /// The sets by name; nothing for one of a shape that is not ours.
    package var sets: [String: ElementSet?]
    /// The elements of the sets that were asked for, and what each counted.
    package var elements: [String: [Element: Tally]]

    package init(
        ownership: Table.Ownership,
        holder: Holder,
        counters: [String: Tally] = [:],
        chains: [String: ChainState] = [:],
        sets: [String: ElementSet?] = [:],
        elements: [String: [Element: Tally]] = [:]
    ) {
        self.ownership = ownership
        self.holder = holder
        self.counters = counters
        self.chains = chains
        self.sets = sets
        self.elements = elements
    }
}

/// A base chain of another program: it may drop what we accept.
package struct ForeignChain: Hashable, Sendable {
    package var table: String
    package var chain: String
    package var family: UInt8

    package init(table: String, chain: String, family: UInt8) {
        self.table = table
        self.chain = chain
        self.family = family
    }
}

/// The kernel's packet filter: a socket in production, a model of it in tests.
package protocol PacketFilter: ~Copyable {
    /// The number of the ruleset; any program's change moves it.
    mutating func generation() throws(NetfilterFailure) -> UInt32
    /// Makes all of `changes` at once, or none of them.
    ///
    /// - Throws: `.stale` when the ruleset is not of `generation` any more; else the first change the
    ///   kernel refused.
    mutating func commit(_ changes: [Change], generation: UInt32?) throws(NetfilterFailure)
    /// Reads a table with the elements of `sets`; nothing when there is no such table.
    mutating func read(_ table: String, sets: [ElementSet]) throws(NetfilterFailure) -> TableState?
    /// Base chains outside `tables`.
    mutating func foreignChains(besides tables: Set<String>) throws(NetfilterFailure) -> [ForeignChain]
    /// What ``TableState/ChainState/rules`` will say of a rule once the kernel has it.
    func text(of rule: Rule) -> [String]
}
