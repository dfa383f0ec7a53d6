// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Netfilter
internal import Whitelist

extension EnforceService.State {
    /// The status document, from the kernel as it is now.
    mutating func document(_ program: ProgramStatus) throws(EnforceFailure) -> EnforceStatusDocument {
        let seen = try enforcer.observe()
        let flows = try enforcer.flows()
        var document = EnforceStatusDocument(
            program: program,
            configuration: record.status,
            kernel: EnforceStatusDocument.Kernel(
                table: "inet \(EdgeTable.name)",
                isInPlace: seen.edge != nil && seen.drift.isEmpty,
                isOwned: seen.edge?.holder == .us,
                entryCount: seen.tallies(of: .partners).count + seen.tallies(of: .tunnelled).count,
                generation: Int(seen.generation)
            )
        )
        document.ok = seen.edge != nil && seen.drift.isEmpty
        document.partners = partners(seen, flows)
        document.drops = seen.drops().map { reason, tally in
            DropCount(reason: reason.rawValue, packetsTotal: Int(tally.packets), bytesTotal: Int(tally.bytes))
        }
        let closed = seen.lockdown?.counters[LockdownTable.counter] ?? Tally()
        document.drops.append(
            DropCount(reason: "lockdown", packetsTotal: Int(closed.packets), bytesTotal: Int(closed.bytes))
        )
        document.drift = seen.drift
        document.notices = notices(seen)
        return document
    }

    private func partners(_ seen: Observation, _ flows: [Flow]) -> [EnforcePartnerStatus] {
        let entries = [EdgeSet.partners, .tunnelled].flatMap { set in
            seen.tallies(of: set).map { (set: set, element: $0.key, tally: $0.value) }
        }
        let byMark = Dictionary(grouping: entries) { $0.element.mark ?? 0 }
        let live = Dictionary(grouping: flows, by: \.mark)
        return (policy?.partners ?? []).map { partner in
            let mark = partner.id.mark
            let rows = (byMark[mark] ?? []).sorted { $0.element < $1.element }.map { entry in
                AllowEntryStatus(
                    prefix: entry.element.prefix?.description ?? entry.element.description,
                    port: Int(entry.element.companion.lowerBound),
                    via: entry.set == .tunnelled ? via(partner, entry.element) : nil,
                    packetsTotal: Int(entry.tally.packets),
                    bytesTotal: Int(entry.tally.bytes)
                )
            }
            return EnforcePartnerStatus(
                id: partner.id.rawValue,
                mark: mark,
                entries: rows,
                connectionsTracked: live[mark]?.count ?? 0
            )
        }
    }

    private func via(_ partner: PartnerPolicy, _ element: Element) -> String? {
        partner.allow.first { $0.via != nil && $0.from.contains(element.first) }?.via
    }

    private func notices(_ seen: Observation) -> [String] {
        let missing = KernelFeature.allCases.filter { !enforcer.features.contains($0) }
        return missing.map { "this kernel lacks \($0.rawValue): \($0.loss)" }
            + (enforcer.applied?.omissions ?? []).map { "left out: \($0)" }
            + seen.foreignChains.map { chain in
                "another program's chain \(chain.chain) of table \(chain.table) may drop what we accept"
            }
            + mended.lines.map { "mended \($0)" }
    }
}

extension EntryChange {
    /// As a plan says it: `allow 203.0.113.9 -> 8443`.
    var text: String {
        let place = element.prefix?.description ?? "\(element.first)-\(element.last)"
        let port = element.companion.lowerBound
        switch set {
        case .partners: return "allow \(place) -> \(port)"
        case .tunnelled: return "allow \(place) -> \(port) by tunnel"
        case .egress: return "reach \(place) port \(port)"
        case .management: return "administrators \(place) -> \(port)"
        case .internalNetwork: return "internal network \(place) -> \(port)"
        case .backends: return "backend \(place) port \(port)"
        case .hostReach: return "host reaches \(place) port \(port)"
        case .tunnelPeers: return "tunnel peer \(place) protocol \(port)"
        case .tunnelNetworks: return "tunnel network \(place)"
        case .tunnelStates: return "tunnel network \(place) by reqid \(port)"
        }
    }
}

extension EnforceReport {
    /// One line for each change.
    var lines: [Log.Line] {
        structural.map { Log.Line(text: $0) }
            + changeItems.filter { $0.partner != nil || $0.sign != .modify }.map { item in
                let name = item.partner.map { "\($0): " } ?? ""
                return Log.Line(text: "\(item.sign.rawValue) \(name)\(item.text)", partner: item.partner)
            }
    }

    /// The changes of entries, and of what is around them.
    var changeItems: [ChangeItem] {
        let cut = Dictionary(grouping: flowsCut, by: \.mark).mapValues(\.count)
        var told: Set<UInt32> = []
        let removals = removed.map { change in
            var item = ChangeItem(.remove, partner: change.partner?.rawValue, text: change.text)
            // The number is of the partner's connections together: said once.
            if let mark = change.element.mark, let count = cut[mark], told.insert(mark).inserted {
                item.disruption = "\(count) live connection\(count == 1 ? "" : "s") cut"
            }
            return item
        }
        let additions = added.map { ChangeItem(.add, partner: $0.partner?.rawValue, text: $0.text) }
        return removals + additions
    }
}
