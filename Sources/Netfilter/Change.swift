// SPDX-License-Identifier: Apache-2.0

/// One change to the kernel's ruleset; a batch of them happens at once or not at all.
package enum Change: Hashable, Sendable {
    /// The table alone; taking over a table its owner left (Linux 6.9) looks the same.
    case createTable(String, Table.Ownership)
    case deleteTable(String)
    case createCounter(String, table: String)
    case createSet(ElementSet, table: String)
    case createChain(Chain, table: String)
    case clearRules(chain: String, table: String)
    case appendRule(Rule, chain: String, table: String)
    /// `comment` is shown by `nft list`; at most 127 bytes.
    case add(Element, comment: String, set: ElementSet, table: String)
    case remove(Element, set: ElementSet, table: String)

    /// What it does, for errors and plans.
    package var subject: String {
        switch self {
        case .createTable(let name, _): "create table inet \(name)"
        case .deleteTable(let name): "delete table inet \(name)"
        case .createCounter(let name, _): "create counter \(name)"
        case .createSet(let set, _): "create set \(set.name)"
        case .createChain(let chain, _): "create chain \(chain.name)"
        case .clearRules(let chain, _): "clear chain \(chain)"
        case .appendRule(let rule, let chain, _): "append rule \"\(rule.comment)\" to \(chain)"
        case .add(let element, _, let set, _): "add \(element) to \(set.name)"
        case .remove(let element, let set, _): "remove \(element) from \(set.name)"
        }
    }

    /// Everything of `table` but elements, in an order the kernel takes.
    package static func create(_ table: Table) -> [Change] {
        let name = table.name
        var changes = [Change.createTable(name, table.ownership)]
        changes += table.counters.map { .createCounter($0, table: name) }
        changes += table.sets.map { .createSet($0, table: name) }
        // All chains before any rule: a rule may jump to a later chain.
        changes += table.chains.map { .createChain($0, table: name) }
        for chain in table.chains {
            changes += chain.rules.map { .appendRule($0, chain: chain.name, table: name) }
        }
        return changes
    }
}
