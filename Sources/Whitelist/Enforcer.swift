// SPDX-License-Identifier: Apache-2.0
package import Base
package import Netfilter

/// Brings the kernel from what it holds to what it should hold, and proves it.
///
/// Both tables change in one transaction. What was written is read back; when it is not there after all,
/// every partner is taken out and the failure says why.
package struct Enforcer<Filter: PacketFilter & ~Copyable, Flows: FlowTable & ~Copyable>: ~Copyable {
    /// Tests reach the model kernel through it.
    package var filter: Filter
    private var flowTable: Flows
    /// What this kernel offers, as far as it was tried.
    package private(set) var features: Set<KernelFeature>
    /// What was last applied.
    package private(set) var applied: AllowList?
    /// Connections that may not go on; their local ends were aborted, but they are still known to the kernel so that their packets earn a reset.
    private var condemned: [Flow] = []

    /// What the kernel will say of each rule.
    private let text: [Rule: [String]]

    private static var stepsMax: Int { 32 }
    /// How often the same change is written before we believe that it does not stick.
    private static var writesMax: Int { 3 }

    package init(
        filter: consuming Filter,
        flows: consuming Flows,
        features: Set<KernelFeature> = Set(KernelFeature.allCases)
    ) {
        var text: [Rule: [String]] = [:]
        let all = Set(KernelFeature.allCases)
        let chains = EdgeTable.table(all).chains + LockdownTable.table(all).chains
        for rule in chains.flatMap(\.rules) { text[rule] = filter.text(of: rule) }
        self.text = text
        self.filter = filter
        flowTable = flows
        self.features = features
    }

    /// What an apply would change now; nothing is changed.
    package mutating func plan(_ policy: EdgePolicy, at now: WallInstant) throws(EnforceFailure) -> EnforceReport {
        let list = try allowList(policy, at: now)
        do throws(NetfilterFailure) {
            var report = EnforceReport(try readDeltas(to: list), list: list, before: applied)
            report.flowsCut = try flowTable.flows(marked: nil).filter { !list.permits($0) }
            return report
        } catch {
            throw .kernel(error)
        }
    }

    /// Makes the kernel hold what `policy` says at `now`.
    ///
    /// - Throws: ``EnforceFailure``; only `.mismatch` means that anything was changed.
    package mutating func apply(_ policy: EdgePolicy, at now: WallInstant) throws(EnforceFailure) -> EnforceReport {
        var list = try allowList(policy, at: now)
        var report: EnforceReport?
        var writeCount = 0
        for _ in 0..<Self.stepsMax where writeCount <= Self.writesMax {
            switch try step(toward: list) {
            case .settled:
                var report = report ?? EnforceReport(omissions: list.omissions)
                applied = list
                report.flowsCut = try condemn(list)
                return report
            case .wrote(let deltas):
                report = report ?? EnforceReport(deltas, list: list, before: applied)
                writeCount += 1
            case .stale: break
            case .lacks(let feature):
                features.remove(feature)
                list = try allowList(policy, at: now)
            }
        }
        throw failClosed(list)
    }

    /// Takes the condemned connections out of the kernel's table.
    ///
    /// Call some time after an apply that cut connections: until then their packets earn a reset, after
    /// it they are a stranger's.
    ///
    /// - Returns: how many were still there.
    package mutating func forgetCondemned() throws(EnforceFailure) -> Int {
        let flows = condemned.filter { flow in applied.map { !$0.permits(flow) } ?? true }
        condemned = []
        do throws(NetfilterFailure) { return try flowTable.forget(flows) } catch { throw .kernel(error) }
    }

    package var hasCondemned: Bool { !condemned.isEmpty }

    /// Every connection that carries a mark.
    package mutating func flows() throws(EnforceFailure) -> [Flow] {
        do throws(NetfilterFailure) { return try flowTable.flows(marked: nil) } catch { throw .kernel(error) }
    }

    /// What the kernel holds now, and how it differs from what was last applied.
    package mutating func observe() throws(EnforceFailure) -> Observation {
        do throws(NetfilterFailure) {
            let generation = try filter.generation()
            let edge = try filter.read(EdgeTable.name, sets: EdgeSet.all)
            let lockdown = try filter.read(LockdownTable.name, sets: LockdownTable.sets)
            let foreign = try filter.foreignChains(besides: [EdgeTable.name, LockdownTable.name])
            let drift = applied.map { deltas(from: edge, lockdown, to: $0).lines } ?? ["nothing was applied yet"]
            return Observation(
                generation: generation,
                edge: edge,
                lockdown: lockdown,
                foreignChains: foreign,
                drift: drift
            )
        } catch {
            throw .kernel(error)
        }
    }

    /// Takes both tables away: the host is open.
    package mutating func remove() throws(EnforceFailure) {
        do throws(NetfilterFailure) {
            for name in [EdgeTable.name, LockdownTable.name] where try filter.read(name, sets: []) != nil {
                try filter.commit([.deleteTable(name)], generation: nil)
            }
            applied = nil
        } catch {
            throw .kernel(error)
        }
    }
}

extension Enforcer: Sendable where Filter: Sendable & ~Copyable, Flows: Sendable & ~Copyable {}

extension Enforcer where Filter: ~Copyable, Flows: ~Copyable {
    private enum Step {
        case settled
        case wrote(Deltas)
        case stale
        case lacks(KernelFeature)
    }

    private func allowList(_ policy: EdgePolicy, at now: WallInstant) throws(EnforceFailure) -> AllowList {
        do throws(AllowList.Conflict) {
            return try AllowList(policy, at: now, canTellTunnels: features.contains(.tunnelInbound))
        } catch {
            throw .conflict(error)
        }
    }

    private mutating func step(toward list: AllowList) throws(EnforceFailure) -> Step {
        var changes: [Change] = []
        do throws(NetfilterFailure) {
            let generation = try filter.generation()
            let edge = try filter.read(EdgeTable.name, sets: EdgeSet.all)
            guard edge?.holder != .another else { throw NetfilterFailure(.system(1), subject: "") }
            let lockdown = try filter.read(LockdownTable.name, sets: LockdownTable.sets)
            let deltas = deltas(from: edge, lockdown, to: list)
            changes = deltas.changes
            guard !changes.isEmpty else { return .settled }
            try filter.commit(changes, generation: generation)
            return .wrote(deltas)
        } catch {
            if error.reason == .stale || error.reason == .unsteady { return .stale }
            if error.reason == .system(1), error.changeIndex == nil { throw .heldByAnother(table: EdgeTable.name) }
            guard let index = error.changeIndex, let feature = features.missing(for: changes[index]) else {
                throw .kernel(error)
            }
            return .lacks(feature)
        }
    }

    private mutating func readDeltas(to list: AllowList) throws(NetfilterFailure) -> Deltas {
        let edge = try filter.read(EdgeTable.name, sets: EdgeSet.all)
        let lockdown = try filter.read(LockdownTable.name, sets: LockdownTable.sets)
        return deltas(from: edge, lockdown, to: list)
    }

    private func deltas(from edge: TableState?, _ lockdown: TableState?, to list: AllowList) -> Deltas {
        let edgeTable = EdgeTable.table(features)
        let lockdownElements = LockdownTable.elements(of: list)
        return Deltas(
            lockdown: TableDelta(
                from: lockdown,
                to: LockdownTable.table(features),
                elements: lockdownElements,
                text: text
            ),
            edge: TableDelta(from: edge, to: edgeTable, elements: list.elements, text: text)
        )
    }

    private mutating func condemn(_ list: AllowList) throws(EnforceFailure) -> [Flow] {
        do throws(NetfilterFailure) {
            let flows = try flowTable.flows(marked: nil).filter { !list.permits($0) }
            let fresh = Set(flows).subtracting(condemned)
            condemned += fresh
            _ = try flowTable.abort(Array(fresh))
            return fresh.sorted { $0.description < $1.description }
        } catch {
            throw .kernel(error)
        }
    }

    /// Takes every partner out, whatever else is wrong.
    private mutating func failClosed(_ list: AllowList) -> EnforceFailure {
        do throws(NetfilterFailure) {
            let lines = try readDeltas(to: list).lines
            let state = try filter.read(EdgeTable.name, sets: EdgeSet.all)
            var changes: [Change] = []
            for set in [EdgeSet.partners, .tunnelled, .internalNetwork, .egress] {
                for set in ElementSet.Family.allCases.map({ set.set($0) }) {
                    let elements = (state?.elements[set.name] ?? [:]).keys.sorted()
                    changes += elements.map { .remove($0, set: set, table: EdgeTable.name) }
                }
            }
            try filter.commit(changes, generation: nil)
            applied = nil
            _ = try flowTable.abort(flowTable.flows(marked: nil).filter { ReservedMark(rawValue: $0.mark) == nil })
            return .mismatch(lines)
        } catch {
            applied = nil
            return .kernel(error)
        }
    }
}

/// The changes to both tables; they go to the kernel in one transaction.
struct Deltas {
    var lockdown: TableDelta
    var edge: TableDelta?

    var changes: [Change] { lockdown.changes + (edge?.changes ?? []) }

    /// The difference in words, one line each.
    var lines: [String] {
        [(LockdownTable.name, lockdown), (EdgeTable.name, edge)].flatMap { name, delta -> [String] in
            guard let delta else { return [] }
            return delta.structural.map { "\(name): \($0)" }
                + delta.added.sorted { $0.key < $1.key }.flatMap { set, elements in
                    elements.map { "\(name): \($0) is missing from \(set)" }
                }
                + delta.removed.sorted { $0.key < $1.key }.flatMap { set, elements in
                    elements.map { "\(name): \($0) is in \(set) and should not be" }
                }
        }
    }
}

extension EnforceReport {
    init(omissions: [String]) {
        self.init()
        self.omissions = omissions
    }

    init(_ deltas: Deltas, list: AllowList, before: AllowList?) {
        self.init(omissions: list.omissions)
        let marks = (before?.marks ?? [:]).merging(list.marks) { $1 }
        let changes = { (elements: [String: [Element]]) in
            EdgeSet.allCases.flatMap { set in
                ElementSet.Family.allCases.flatMap { family in
                    (elements[set.set(family).name] ?? []).map { element in
                        EntryChange(set: set, element: element, partner: element.mark.flatMap { marks[$0] })
                    }
                }
            }
        }
        added = changes(deltas.edge?.added ?? [:])
        removed = changes(deltas.edge?.removed ?? [:])
        structural = deltas.lockdown.structural + (deltas.edge?.structural ?? [])
    }
}
