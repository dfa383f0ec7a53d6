// SPDX-License-Identifier: Apache-2.0
package import Base
package import Netfilter

/// What the kernel's sets must hold at one instant.
package struct AllowList: Hashable, Sendable {
    /// Two partners claim one address at one port, or one mark: nobody could say who is calling.
    package struct Conflict: Error, Hashable, Sendable, CustomStringConvertible {
        package var what: String
        package var partners: [PartnerID]

        package var description: String {
            "\(what) belongs to \(partners.map(\.rawValue).joined(separator: " and "))"
        }
    }

    /// Elements by set name, each with the label `nft list` shows.
    package private(set) var elements: [String: [Element: String]]
    /// Entries that this kernel could not tell from clear text, and were left out.
    package private(set) var omissions: [String] = []
    /// The next instant at which an entry ends.
    package private(set) var changesAt: WallInstant?
    /// Every partner that has a mark, also one without an entry in force.
    package let marks: [UInt32: PartnerID]

    /// - Parameter canTellTunnels: whether the kernel can see that a packet came through a tunnel.
    package init(_ policy: EdgePolicy, at now: WallInstant, canTellTunnels: Bool = true) throws(Conflict) {
        elements = Dictionary(uniqueKeysWithValues: EdgeSet.all.map { ($0.name, [:]) })
        var marks: [UInt32: PartnerID] = [:]
        for partner in policy.partners {
            if let other = marks.updateValue(partner.id, forKey: partner.id.mark) {
                throw Conflict(what: "mark \(partner.id.mark)", partners: [other, partner.id])
            }
        }
        self.marks = marks
        for partner in policy.partners {
            try admit(partner, ports: policy.partnerPorts, at: now, canTellTunnels: canTellTunnels)
        }
        for (zone, set) in [(policy.management, EdgeSet.management), (policy.internalNetwork, .internalNetwork)] {
            for prefix in PrefixCover(zone.from).prefixes {
                for port in Set(zone.ports) { insert(Element(prefix, port: port), in: set, label: "\(set)") }
            }
        }
        for backend in policy.backends {
            insert(Element(IPPrefix(backend.address), port: backend.port), in: .backends, label: "backend")
        }
        for (port, prefixes) in Self.cover(policy.hostReach) {
            for prefix in prefixes { insert(Element(prefix, port: port), in: .hostReach, label: "host") }
        }
        try checkDisjoint(policy)
    }

    private mutating func admit(
        _ partner: PartnerPolicy,
        ports: [UInt16],
        at now: WallInstant,
        canTellTunnels: Bool
    ) throws(Conflict) {
        let inForce = partner.allow.filter { entry in entry.until.map { now < $0 } ?? true }
        for until in inForce.compactMap(\.until) { changesAt = min(changesAt ?? until, until) }
        let mark = partner.id.mark
        let label = partner.id.rawValue
        for (isTunnelled, set) in [(false, EdgeSet.partners), (true, .tunnelled)] {
            let entries = inForce.filter { ($0.via != nil) == isTunnelled }
            guard !isTunnelled || canTellTunnels else {
                omissions += entries.map { "\(label): \($0.from) via \($0.via ?? "")" }
                continue
            }
            for prefix in PrefixCover(entries.map(\.from)).prefixes {
                for port in Set(ports) { insert(Element(prefix, port: port, mark: mark), in: set, label: label) }
            }
        }
        for (port, prefixes) in Self.cover(partner.reach) {
            for prefix in prefixes { insert(Element(prefix, port: port, mark: mark), in: .egress, label: label) }
        }
        for tunnel in partner.tunnels {
            for (peer, number) in tunnel.peers.flatMap({ [($0, Statement.TransportProtocol.udp), ($0, .esp)] }) {
                let companion = UInt16(number.rawValue)...UInt16(number.rawValue)
                insert(Element(first: peer, last: peer, companion: companion), in: .tunnelPeers, label: label)
            }
            for state in tunnel.states {
                let (remote, reqid) = (state.remote, state.reqid...state.reqid)
                let element = Element(first: remote.address, last: remote.last, companion: reqid)
                insert(element, in: .tunnelStates, label: label)
            }
        }
    }

    private static func cover(_ reach: [EdgePolicy.Reach]) -> [UInt16: [IPPrefix]] {
        Dictionary(grouping: reach, by: \.port).mapValues { PrefixCover($0.map(\.to)).prefixes }
    }

    private mutating func insert(_ element: Element, in set: EdgeSet, label: String) {
        elements[set.set(element.family).name]?[element] = label
    }

    /// Puts in the networks behind tunnels, and refuses what two partners claim.
    ///
    /// Clear text and tunnel are one claim: an address must not be one partner's here and another's there.
    private mutating func checkDisjoint(_ policy: EdgePolicy) throws(Conflict) {
        let networks = PrefixCover(policy.partners.flatMap { $0.tunnels.flatMap(\.remoteSubnets) })
        for prefix in networks.prefixes {
            insert(Element(tunnelNetwork: prefix), in: .tunnelNetworks, label: "tunnel")
        }
        for family in ElementSet.Family.allCases {
            let inbound = [EdgeSet.partners, .tunnelled].flatMap { elements(in: $0, family) }
            try Self.refuseOverlap(inbound, marks: marks)
            try Self.refuseOverlap(elements(in: .egress, family), marks: marks)
        }
    }

    private static func refuseOverlap(_ elements: [Element], marks: [UInt32: PartnerID]) throws(Conflict) {
        for group in Dictionary(grouping: elements, by: \.companion).values {
            var reached: Element?
            for element in group.sorted() {
                if let previous = reached, element.first <= previous.last, element.mark != previous.mark {
                    let names = [previous, element].compactMap { $0.mark.flatMap { marks[$0] } }
                    throw Conflict(what: "\(element.first) port \(element.companion.lowerBound)", partners: names)
                }
                if reached.map({ $0.last < element.last }) ?? true { reached = element }
            }
        }
    }

    package func elements(in set: EdgeSet, _ family: ElementSet.Family) -> [Element] {
        elements[set.set(family).name].map { Array($0.keys) } ?? []
    }
}
