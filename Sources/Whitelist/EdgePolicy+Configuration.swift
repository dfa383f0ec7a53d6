// SPDX-License-Identifier: Apache-2.0
internal import Base
package import Partners

extension EdgePolicy {
    /// What a checked configuration asks of the packet filter; a partner that is not enabled has no say.
    ///
    /// Which states lead to which network is not in it: see ``PartnerPolicy/Tunnel/states``.
    package init(_ configuration: Configuration, host: HostFile) {
        self.init(
            partners: configuration.partners.filter(\.isEnabled).map { PartnerPolicy($0) },
            partnerPorts: host.partnerPorts,
            management: Zone(host.management),
            internalNetwork: Zone(host.internal),
            backends: configuration.gateway?.backends.map(\.address) ?? [],
            hostReach: host.egress.flatMap { reach in
                reach.to.flatMap { to in reach.ports.map { Reach(to, port: $0) } }
            } + Self.accessReach(host)
        )
    }

    /// Where the gate leads administrators, and where the audit log is copied to.
    private static func accessReach(_ host: HostFile) -> [Reach] {
        let targets = (host.access?.targets ?? []).flatMap { target in
            target.ports.map { Reach(IPPrefix(target.address), port: $0) }
        }
        return targets + [host.audit?.forward?.to].compactMap { $0.map { Reach(IPPrefix($0.address), port: $0.port) } }
    }
}

extension EdgePolicy.Zone {
    package init(_ zone: HostFile.Zone) { self.init(from: zone.from, ports: zone.ports) }
}

extension PartnerPolicy {
    package init(_ partner: Partner) {
        let allow = partner.allow.flatMap { entry in
            entry.from.map { Allow(from: $0, via: entry.via, until: entry.until) }
        }
        let callbacks = partner.callbacks.map { rule in
            rule.to.map { EdgePolicy.Reach($0, port: rule.url.port) }
        }
        let outward = partner.outward.map { rule in
            rule.to.map { EdgePolicy.Reach($0, port: rule.url.port) }
        }
        self.init(
            id: partner.id,
            allow: allow,
            reach: (callbacks ?? []) + (outward ?? []),
            tunnels: partner.tunnels.map { rule in
                let peers = [rule.peer, rule.backupPeer].compactMap(\.self)
                return Tunnel(name: rule.name, peers: peers, remoteSubnets: rule.remoteSubnets)
            }
        )
    }
}
