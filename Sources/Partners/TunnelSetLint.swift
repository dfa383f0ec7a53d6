// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can be told of tunnels only from all partners, the host and the day together.
struct TunnelSetLint {
    let host: HostFile?
    let partners: [Partner]
    let now: WallInstant
    /// Whether whoever reads is about to change something, or only to go on with what was agreed.
    let isForOperators: Bool
    let reports: [String: Report]

    private static let noticeBefore = Duration.seconds(30 * 86_400)
    private static let waiverMax = Duration.seconds(400 * 86_400)

    func run() {
        for (number, partner) in partners.enumerated() {
            for (index, tunnel) in partner.tunnels.enumerated() {
                let place = Place(partner: number, index: index, rule: tunnel)
                if let waiver = tunnel.waiver, partner.isEnabled { checkDate(waiver, place) }
                if let host { checkLocalAddress(host, place) }
            }
        }
        checkCount()
        checkIdentities()
        checkNetworks()
    }

    /// Told once, where the limit is passed.
    private func checkCount() {
        var count = 0
        for place in places where partners[place.partner].isEnabled {
            count += place.rule.localSubnets.count * place.rule.remoteSubnets.count
            guard count > TunnelRule.pairsMax else { continue }
            let message =
                "more than \(TunnelRule.pairsMax) pairs of networks in all tunnels, which the kernel cannot number"
            let hint = "use wider networks, or spread the partners over several hosts"
            return add(.count, place, "remote-subnets", message, mend: hint)
        }
    }

    private struct Place {
        let partner: Int
        let index: Int
        let rule: TunnelRule
        var path: String { "tunnel[\(index)]" }
        var title: String { "tunnel \(quoted(rule.name))" }
    }

    private var places: [Place] {
        partners.enumerated().flatMap { number, partner in
            partner.tunnels.enumerated().map { Place(partner: number, index: $0.offset, rule: $0.element) }
        }
    }

    private func origin(_ place: Place, _ key: String) -> Origin {
        partners[place.partner].origins["\(place.path).\(key)"]
    }

    private func add(_ code: DiagnosticCode, _ place: Place, _ key: String, _ message: String, mend hint: String) {
        let origin = origin(place, key)
        reports[origin.file]?.add(code, at: origin, message, mend: hint)
    }

    // MARK: - Waivers

    /// A waiver that has ended refuses every change, but takes no program down that starts again: nobody is let in by
    /// it who was not the day before.
    private func checkDate(_ waiver: TunnelWaiver, _ place: Place) {
        let left = waiver.until - now
        let hint = "strengthen the tunnel, or extend `until` with a new ticket"
        if left <= .zero {
            let message = "the waiver of \(place.title) has ended"
            add(isForOperators ? .waiverExpired : .waiverLapsed, place, "waiver.until", message, mend: hint)
        } else if left > Self.waiverMax {
            let message = "the waiver of \(place.title) lasts more than 400 days"
            add(.waiverLong, place, "waiver.until", message, mend: "agree on an earlier day, and look at it again then")
        } else if left <= Self.noticeBefore {
            let days = left.components.seconds / 86_400
            let message = "the waiver of \(place.title) ends in \(days) day\(days == 1 ? "" : "s")"
            add(.waiverExpiring, place, "waiver.until", message, mend: hint)
        }
    }

    // MARK: - Addresses of ours

    private func checkLocalAddress(_ host: HostFile, _ place: Place) {
        let ours = host.tunnels.addresses + host.addresses
        if let address = place.rule.localAddress {
            guard !ours.contains(address) else { return }
            let message = "`local-address` \(address) is no address of this host"
            let hint = "use one of [tunnels] addresses in jumpd.toml, or list it there"
            add(.tunnelAddress, place, "local-address", message, mend: hint)
        } else if host.tunnels.address(towards: place.rule.peer) == nil {
            let family = place.rule.peer.isV4 ? "IPv4" : "IPv6"
            let message = "this host has no \(family) address to reach \(place.rule.peer) from"
            add(.tunnelAddress, place, "peer", message, mend: "add one to [tunnels] addresses in jumpd.toml")
        }
    }

    // MARK: - Identities

    /// Libreswan finds a secret by the two identities alone: a pair must have one secret and one owner.
    private func checkIdentities() {
        var pairs: [Set<IKEIdentity>: Place] = [:]
        for place in places {
            let pair: Set = [place.rule.localID, place.rule.remoteID]
            guard let first = pairs[pair] else {
                pairs[pair] = place
                continue
            }
            let words = "\(place.rule.localID) and \(place.rule.remoteID)"
            let other = "\(partners[first.partner].id)/\(first.rule.name) (\(origin(first, "remote-id")))"
            if first.partner != place.partner {
                let message = "\(quoted(words)) are the two ends of \(other) too"
                let hint = "ask the partners for gateways that say different names"
                add(.tunnelIdentity, place, "remote-id", message, mend: hint)
            } else if first.rule.authentication != place.rule.authentication {
                let message = "\(quoted(words)) are the two ends of \(other) too, which has another `auth`"
                let hint = "use the same `auth` in both, or let the gateways say different names"
                add(.tunnelIdentity, place, "auth", message, mend: hint)
            }
        }
    }

    // MARK: - Networks

    private func checkNetworks() {
        var remotes = PrefixIndex<(place: Place, item: Int)>()
        var ours = PrefixIndex<String>()
        for (prefix, what) in networksOfOurs() { ours.insert(prefix, what) }
        for place in places {
            for (item, prefix) in place.rule.remoteSubnets.enumerated() { remotes.insert(prefix, (place, item)) }
        }
        for place in places {
            for (item, prefix) in place.rule.remoteSubnets.enumerated() {
                guard let (outer, what) = ours.container(of: prefix) else { continue }
                refuse(prefix, place, item, isIn: outer, what)
            }
            for (key, peer) in [("peer", Optional(place.rule.peer)), ("backup-peer", place.rule.backupPeer)] {
                guard let peer, let (outer, owner) = remotes.container(of: IPPrefix(peer)),
                    owner.place.partner != place.partner || owner.place.index != place.index
                else { continue }
                let other = "\(partners[owner.place.partner].id)/\(owner.place.rule.name)"
                let message = "\(peer) is in \"\(outer)\", which is behind tunnel \(other): IKE could not reach it"
                add(.tunnelPeer, place, key, message, mend: "take the gateway's address out of those `remote-subnets`")
            }
        }
        // Each is told once, however much of ours it holds.
        var told: Set<IPPrefix> = []
        for (prefix, what) in networksOfOurs() {
            guard let (outer, owner) = remotes.container(of: prefix), outer != prefix, told.insert(outer).inserted
            else { continue }
            refuse(outer, owner.place, owner.item, holds: prefix, what)
        }
    }

    /// What no partner may claim to have behind its gateway, and how it is called.
    private func networksOfOurs() -> [(IPPrefix, String)] {
        var networks: [(IPPrefix, String)] = []
        if let host {
            networks += (host.addresses + host.tunnels.addresses).map { (IPPrefix($0), "an address of this host") }
            networks += host.internal.from.map { ($0, "from of [internal]") }
            networks += host.management.from.map { ($0, "from of [management]") }
        }
        for place in places {
            let title = "local-subnets of \(partners[place.partner].id)/\(place.rule.name)"
            networks += place.rule.localSubnets.map { ($0, title) }
        }
        return networks
    }

    private func refuse(_ remote: IPPrefix, _ place: Place, _ item: Int, isIn outer: IPPrefix, _ what: String) {
        let message = "\"\(remote)\" is ours: it is in \"\(outer)\", \(what)"
        add(.tunnelSelectors, place, "remote-subnets[\(item)]", message, mend: Self.hint)
    }

    private func refuse(_ remote: IPPrefix, _ place: Place, _ item: Int, holds inner: IPPrefix, _ what: String) {
        let message = "\"\(remote)\" holds what is ours: \"\(inner)\", \(what)"
        add(.tunnelSelectors, place, "remote-subnets[\(item)]", message, mend: Self.hint)
    }

    private static let hint = "list what the partner really has behind its gateway, translated (NAT) where it collides"
}
