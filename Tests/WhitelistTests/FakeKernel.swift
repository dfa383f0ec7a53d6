// SPDX-License-Identifier: Apache-2.0
import Netfilter

/// nf_tables as far as the enforcer uses it: transactions, owners, and sets that refuse what overlaps.
struct FakeKernel: ~Copyable, PacketFilter {
    private(set) var tables: [String: TableState] = [:]
    private(set) var ruleset: UInt32 = 1
    private(set) var commitCount = 0

    /// Changes this kernel refuses, and with which errno.
    var refuses: @Sendable (Change) -> Int32? = { _ in nil }
    /// Changes it acknowledges and does not make.
    var forgets: @Sendable (Change) -> Bool = { _ in false }
    /// Another program changes the ruleset before this many of the next commits.
    var interruptionCount = 0

    mutating func generation() throws(NetfilterFailure) -> UInt32 { ruleset }

    mutating func commit(_ changes: [Change], generation: UInt32?) throws(NetfilterFailure) {
        if interruptionCount > 0 {
            interruptionCount -= 1
            ruleset += 1
        }
        if let generation, generation != ruleset { throw NetfilterFailure(.stale, subject: "commit") }
        var fresh = tables
        for (index, change) in changes.enumerated() {
            if let code = refuses(change) ?? Self.make(change, in: &fresh, really: !forgets(change)) {
                throw NetfilterFailure(.system(code), subject: change.subject, changeIndex: index)
            }
        }
        tables = fresh
        ruleset += 1
        commitCount += 1
    }

    func read(_ table: String, sets: [ElementSet]) throws(NetfilterFailure) -> TableState? {
        guard var state = tables[table] else { return nil }
        state.elements = state.elements.filter { name, _ in sets.contains { $0.name == name } }
        return state
    }

    func foreignChains(besides tables: Set<String>) throws(NetfilterFailure) -> [ForeignChain] { [] }

    func text(of rule: Rule) -> [String] { Self.text(of: rule) }

    private static func text(of rule: Rule) -> [String] {
        rule.statements.map { statement in
            // A set says its members in any order.
            guard case .connection(let states) = statement else { return "\(statement)" }
            return "connection \(states.map(\.rawValue).sorted())"
        }
    }

    /// Packets arrive: every element counts one.
    mutating func count() {
        for (table, state) in tables {
            for (set, elements) in state.elements {
                tables[table]?.elements[set] = elements.mapValues { $0 + Tally(packets: 1, bytes: 100) }
            }
        }
    }

    /// Somebody else changes a table of ours.
    mutating func tamper(_ table: String, _ body: (inout TableState) -> Void) {
        guard var state = tables[table] else { return }
        body(&state)
        tables[table] = state
        ruleset += 1
    }

    mutating func remove(_ table: String) {
        tables[table] = nil
        ruleset += 1
    }

    private static func make(_ change: Change, in tables: inout [String: TableState], really: Bool) -> Int32? {
        switch change {
        case .createTable(let name, let ownership):
            guard tables[name] == nil else {
                guard tables[name]?.holder == .nobody, ownership == .ownerThenAnyone else { return 95 }
                tables[name]?.holder = .us
                return nil
            }
            tables[name] = TableState(ownership: ownership, holder: ownership == .anyone ? .anyone : .us)
        case .deleteTable(let name):
            guard tables.removeValue(forKey: name) != nil else { return 2 }
        case .createCounter(let name, let table):
            guard tables[table]?.counters.updateValue(Tally(), forKey: name) == nil else { return 17 }
        case .createSet(let set, let table):
            guard tables[table] != nil, tables[table]?.sets[set.name] == nil else { return 17 }
            tables[table]?.sets[set.name] = .some(set)
            tables[table]?.elements[set.name] = [:]
        case .createChain(let chain, let table):
            guard tables[table] != nil else { return 2 }
            tables[table]?.chains[chain.name] = TableState.ChainState(hook: chain.hook, rules: [])
        case .clearRules(let chain, let table):
            guard tables[table]?.chains[chain] != nil else { return 2 }
            tables[table]?.chains[chain]?.rules = []
        case .appendRule(let rule, let chain, let table):
            guard tables[table]?.chains[chain] != nil else { return 2 }
            tables[table]?.chains[chain]?.rules.append(text(of: rule))
        case .add(let element, _, let set, let table):
            guard let elements = tables[table]?.elements[set.name] else { return 2 }
            // The real one lets partial overlaps in; nothing of ours may count on that.
            guard !elements.keys.contains(where: { $0.overlaps(element) }) else { return 17 }
            if really { tables[table]?.elements[set.name]?[element] = Tally() }
        case .remove(let element, let set, let table):
            guard tables[table]?.elements[set.name]?[element] != nil else { return 2 }
            if really { tables[table]?.elements[set.name]?[element] = nil }
        }
        return nil
    }
}

extension Element {
    fileprivate func overlaps(_ other: Element) -> Bool {
        first <= other.last && other.first <= last && companion.overlaps(other.companion)
    }
}

/// Connection tracking as far as the enforcer uses it.
struct FakeFlows: ~Copyable, FlowTable {
    var all: [Flow] = []

    func flows(marked mark: UInt32?) throws(NetfilterFailure) -> [Flow] {
        all.filter { $0.mark == mark ?? $0.mark }
    }

    mutating func abort(_ flows: [Flow]) throws(NetfilterFailure) -> Int { flows.count }

    mutating func forget(_ flows: [Flow]) throws(NetfilterFailure) -> Int {
        let before = all.count
        all.removeAll { flows.contains($0) }
        return before - all.count
    }
}
