// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// The changes from a table as the kernel has it to the table as it should be.
///
/// Elements go one by one, so that what stays keeps its counters and never misses a packet; rules are
/// replaced a chain at a time, which the kernel does in one step. Only a table that cannot be mended is made
/// anew.
package struct TableDelta: Hashable, Sendable {
    /// In an order the kernel takes.
    package private(set) var changes: [Change] = []
    package private(set) var added: [String: [Element]] = [:]
    package private(set) var removed: [String: [Element]] = [:]
    /// What differs besides elements, in words.
    package private(set) var structural: [String] = []

    package var isEmpty: Bool { changes.isEmpty }

    /// - Parameters:
    ///   - state: the table as it was read with all sets of `table`; nothing when there is none.
    ///   - elements: by set, each with its label.
    ///   - text: what the kernel will say of each rule, see ``PacketFilter/text(of:)``.
    package init(
        from state: TableState?,
        to table: Table,
        elements: [String: [Element: String]],
        text: [Rule: [String]]
    ) {
        guard let state else {
            create(table, elements: elements, why: "table inet \(table.name) is missing")
            return
        }
        if let flaw = Self.flaw(of: state, against: table) {
            changes.append(.deleteTable(table.name))
            create(table, elements: elements, why: flaw)
            return
        }
        if state.holder == .nobody {
            structural.append("table inet \(table.name) has no owner")
            changes.append(.createTable(table.name, table.ownership))
        }
        for name in table.counters where state.counters[name] == nil {
            structural.append("counter \(name) is missing")
            changes.append(.createCounter(name, table: table.name))
        }
        for set in table.sets where state.sets[set.name] == nil {
            structural.append("set \(set.name) is missing")
            changes.append(.createSet(set, table: table.name))
        }
        changeElements(from: state, to: table, elements: elements)
        changeRules(from: state, to: table, text: text)
    }

    /// Why the table cannot be mended in place.
    private static func flaw(of state: TableState, against table: Table) -> String? {
        if state.ownership != table.ownership { return "table inet \(table.name) has other flags" }
        for set in table.sets {
            if let found = state.sets[set.name], found != set { return "set \(set.name) has another shape" }
        }
        for name in state.sets.keys where !table.sets.contains(where: { $0.name == name }) {
            return "set \(name) is not ours"
        }
        for (name, found) in state.chains {
            guard let chain = table.chains.first(where: { $0.name == name }) else { return "chain \(name) is not ours" }
            if chain.hook != found.hook { return "chain \(name) hangs elsewhere" }
        }
        return nil
    }

    private mutating func create(_ table: Table, elements: [String: [Element: String]], why: String) {
        structural.append(why)
        changes += Change.create(table)
        for set in table.sets {
            add(elements[set.name] ?? [:], to: set, of: table)
        }
    }

    private mutating func add(_ elements: [Element: String], to set: ElementSet, of table: Table) {
        guard !elements.isEmpty else { return }
        let sorted = elements.sorted { $0.key < $1.key }
        added[set.name] = sorted.map(\.key)
        changes += sorted.map { .add($0.key, comment: $0.value, set: set, table: table.name) }
    }

    private mutating func changeElements(
        from state: TableState,
        to table: Table,
        elements: [String: [Element: String]]
    ) {
        // Every removal before any addition: an entry may give way to a wider one.
        for set in table.sets {
            let wanted = elements[set.name] ?? [:]
            let gone = (state.elements[set.name] ?? [:]).keys.filter { wanted[$0] == nil }.sorted()
            guard !gone.isEmpty else { continue }
            removed[set.name] = gone
            changes += gone.map { .remove($0, set: set, table: table.name) }
        }
        for set in table.sets {
            let actual = state.elements[set.name] ?? [:]
            add((elements[set.name] ?? [:]).filter { actual[$0.key] == nil }, to: set, of: table)
        }
    }

    private mutating func changeRules(from state: TableState, to table: Table, text: [Rule: [String]]) {
        for chain in table.chains where state.chains[chain.name] == nil {
            structural.append("chain \(chain.name) is missing")
            changes.append(.createChain(chain, table: table.name))
        }
        for chain in table.chains {
            let actual = state.chains[chain.name]?.rules ?? []
            guard actual != chain.rules.map({ text[$0] ?? [] }) else { continue }
            if !actual.isEmpty { changes.append(.clearRules(chain: chain.name, table: table.name)) }
            if state.chains[chain.name] != nil { structural.append("the rules of chain \(chain.name) differ") }
            changes += chain.rules.map { .appendRule($0, chain: chain.name, table: table.name) }
        }
    }
}
