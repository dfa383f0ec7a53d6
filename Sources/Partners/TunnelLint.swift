// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can be told from the tunnels of one partner, once each key of them is right.
struct TunnelLint {
    let partner: Partner
    let report: Report

    func run() {
        checkNames()
        for (index, tunnel) in partner.tunnels.enumerated() {
            let place = Place(tunnel: tunnel, path: "tunnel[\(index)]")
            checkFamilies(place)
            checkPeers(place)
            checkIdentities(place)
            checkNetworks(place)
            TunnelCryptoLint(tunnel: tunnel, path: place.path, origins: partner.origins, report: report).run()
        }
        checkSelectors()
    }

    private struct Place {
        let tunnel: TunnelRule
        let path: String
        var title: String { "tunnel \(quoted(tunnel.name))" }
    }

    private func add(_ code: DiagnosticCode, _ path: String, _ message: String, mend hint: String) {
        report.add(code, at: partner.origins[path], message, mend: hint)
    }

    private func checkNames() {
        var seen: Set<String> = []
        for (index, tunnel) in partner.tunnels.enumerated() where !seen.insert(tunnel.name).inserted {
            let message = "two tunnels are called \(quoted(tunnel.name))"
            add(.repeated, "tunnel[\(index)].name", message, mend: "give each its own name")
        }
    }

    /// Libreswan says nothing and loads nothing, or another tunnel.
    private func checkFamilies(_ place: Place) {
        let tunnel = place.tunnel
        let networks = Set((tunnel.localSubnets + tunnel.remoteSubnets).map(\.address.isV4))
        let family = tunnel.peer.isV4 ? "IPv4" : "IPv6"
        if networks.count > 1 {
            let hint = "make one tunnel for each family"
            add(.tunnelFamily, "\(place.path).remote-subnets", "\(place.title) mixes IPv4 and IPv6 subnets", mend: hint)
        } else if networks != [tunnel.peer.isV4] {
            let message = "\(place.title) leads \(tunnel.peer.isV4 ? "IPv6" : "IPv4") networks to an \(family) peer"
            let hint = "ask the partner for a gateway of the same family as its networks"
            add(.tunnelFamily, "\(place.path).remote-subnets", message, mend: hint)
        }
        for (key, address) in [("backup-peer", tunnel.backupPeer), ("local-address", tunnel.localAddress)] {
            guard let address, address.isV4 != tunnel.peer.isV4 else { continue }
            let message = "`\(key)` of \(place.title) is not \(family) as its `peer` is"
            add(.tunnelFamily, "\(place.path).\(key)", message, mend: "use an address of the same family")
        }
    }

    private func checkPeers(_ place: Place) {
        let tunnel = place.tunnel
        let ends = [
            ("peer", Optional(tunnel.peer)), ("backup-peer", tunnel.backupPeer), ("local-address", tunnel.localAddress),
        ]
        for (key, address) in ends {
            guard let address else { continue }
            if !address.canBeOneHost {
                let message = "`\(key)` of \(place.title) is \(address), which is no host's own address"
                add(.address, "\(place.path).\(key)", message, mend: "write the address of the gateway")
            }
            if key != "local-address", let network = tunnel.remoteSubnets.first(where: { $0.contains(address) }) {
                let message = "\(address) is in \"\(network)\" of `remote-subnets`: IKE itself could not reach it"
                let hint = "take the gateway's own address out of `remote-subnets`"
                add(.tunnelPeer, "\(place.path).\(key)", message, mend: hint)
            }
        }
        if tunnel.backupPeer == tunnel.peer {
            let message = "`backup-peer` of \(place.title) is its `peer`"
            add(.tunnelPeer, "\(place.path).backup-peer", message, mend: "name another gateway, or remove it")
        }
        if tunnel.localAddress == tunnel.peer || (tunnel.backupPeer != nil && tunnel.localAddress == tunnel.backupPeer)
        {
            let message = "`local-address` of \(place.title) is its peer"
            add(.tunnelPeer, "\(place.path).local-address", message, mend: "name an address of this host")
        }
    }

    private func checkIdentities(_ place: Place) {
        let tunnel = place.tunnel
        if tunnel.localID == tunnel.remoteID {
            let message = "both ends of \(place.title) are \(quoted(tunnel.localID.description))"
            add(.tunnelID, "\(place.path).remote-id", message, mend: "ask the partner who its gateway says it is")
        }
        guard case .sharedSecret = tunnel.authentication else { return }
        for (key, identity) in [("local-id", tunnel.localID), ("remote-id", tunnel.remoteID)]
        where identity.isDistinguishedName {
            let message = "`\(key)` of \(place.title) is a certificate's subject, but `auth` is a psk"
            add(.tunnelID, "\(place.path).\(key)", message, mend: "use @ and a name, an address, or user@host")
        }
    }

    private func checkNetworks(_ place: Place) {
        let tunnel = place.tunnel
        for (key, networks) in [("local-subnets", tunnel.localSubnets), ("remote-subnets", tunnel.remoteSubnets)] {
            for (item, network) in networks.enumerated() where !network.canHoldHosts {
                let message = "\"\(network)\" holds no addresses of hosts"
                add(.prefix, "\(place.path).\(key)[\(item)]", message, mend: "list the networks that are really meant")
            }
            let claims = networks.enumerated().map { PrefixClaims<Int>.Claim(prefix: $0.element, owner: $0.offset) }
            for (outer, inner) in PrefixClaims(claims).overlaps() {
                let message = "\"\(inner.prefix)\" is in \"\(outer.prefix)\" of the same list"
                add(.tunnelSelectors, "\(place.path).\(key)[\(inner.owner)]", message, mend: "keep one of them")
            }
        }
        for (item, remote) in tunnel.remoteSubnets.enumerated() {
            guard let local = tunnel.localSubnets.first(where: { $0.overlaps(remote) }) else { continue }
            let message =
                "\"\(remote)\" and \"\(local)\" of `local-subnets` overlap: nobody could say which end is meant"
            let hint = "ask the partner to translate one of them (NAT)"
            add(.tunnelSelectors, "\(place.path).remote-subnets[\(item)]", message, mend: hint)
        }
    }

    /// One packet must belong to one tunnel: Libreswan gives it to either.
    private func checkSelectors() {
        for (later, second) in partner.tunnels.enumerated() {
            for first in partner.tunnels[..<later] {
                guard first.localSubnets.contains(where: { one in second.localSubnets.contains { one.overlaps($0) } })
                else { continue }
                for (item, remote) in second.remoteSubnets.enumerated() {
                    guard let other = first.remoteSubnets.first(where: { $0.overlaps(remote) }) else { continue }
                    let message =
                        "\"\(remote)\" is behind tunnel \(quoted(first.name)) too, as \"\(other)\", "
                        + "for the same networks of ours"
                    let hint = "use `backup-peer` for a second gateway, or give each tunnel networks of its own"
                    add(.tunnelSelectors, "tunnel[\(later)].remote-subnets[\(item)]", message, mend: hint)
                }
            }
        }
    }
}

extension IPAddress {
    /// Neither unspecified, loopback, link-local, multicast nor reserved (RFC 6890).
    fileprivate var canBeOneHost: Bool { IPPrefix(self).canHoldHosts }
}

extension IPPrefix {
    /// Whether it lies outside of what is no host's on any network (RFC 6890).
    fileprivate var canHoldHosts: Bool { !Self.special.contains { $0.overlaps(self) } }

    private static let special = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8",
    ].compactMap { IPPrefix($0) }
}
