// SPDX-License-Identifier: Apache-2.0
package import Base

/// Everything the packet filter must know of the configuration.
package struct EdgePolicy: Hashable, Sendable {
    /// Who may reach some ports of this host.
    package struct Zone: Hashable, Sendable {
        package var from: [IPPrefix]
        package var ports: [UInt16]

        package init(from: [IPPrefix] = [], ports: [UInt16] = []) {
            self.from = from
            self.ports = ports
        }
    }

    /// A prefix this host may reach at one port.
    package struct Reach: Hashable, Sendable {
        package var to: IPPrefix
        package var port: UInt16

        package init(_ to: IPPrefix, port: UInt16) {
            self.to = to
            self.port = port
        }
    }

    package var partners: [PartnerPolicy]
    /// The ports of eigd that partners call.
    package var partnerPorts: [UInt16]
    package var management: Zone
    /// The internal networks and the ports eigd serves them on.
    package var internalNetwork: Zone
    package var backends: [IPEndpoint]
    /// What else this host itself may reach.
    package var hostReach: [Reach]

    package init(
        partners: [PartnerPolicy],
        partnerPorts: [UInt16],
        management: Zone = Zone(),
        internalNetwork: Zone = Zone(),
        backends: [IPEndpoint] = [],
        hostReach: [Reach] = []
    ) {
        self.partners = partners
        self.partnerPorts = partnerPorts
        self.management = management
        self.internalNetwork = internalNetwork
        self.backends = backends
        self.hostReach = hostReach
    }
}

/// What the packet filter must know of one partner.
package struct PartnerPolicy: Hashable, Sendable {
    package struct Allow: Hashable, Sendable {
        package var from: IPPrefix
        /// The tunnel it must come through.
        package var via: String?
        /// In force before this instant only.
        package var until: WallInstant?

        package init(from: IPPrefix, via: String? = nil, until: WallInstant? = nil) {
            self.from = from
            self.via = via
            self.until = until
        }
    }

    package struct Tunnel: Hashable, Sendable {
        package var peer: IPAddress
        package var remoteSubnets: [IPPrefix]

        package init(peer: IPAddress, remoteSubnets: [IPPrefix]) {
            self.peer = peer
            self.remoteSubnets = remoteSubnets
        }
    }

    package var id: PartnerID
    package var allow: [Allow]
    /// Where we may call the partner.
    package var reach: [EdgePolicy.Reach]
    package var tunnels: [Tunnel]

    package init(id: PartnerID, allow: [Allow], reach: [EdgePolicy.Reach] = [], tunnels: [Tunnel] = []) {
        self.id = id
        self.allow = allow
        self.reach = reach
        self.tunnels = tunnels
    }
}
