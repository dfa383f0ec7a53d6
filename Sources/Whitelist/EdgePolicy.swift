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
        /// Which states lead to a network: the number Libreswan was given for one of its connections.
        package struct State: Hashable, Sendable {
            package var remote: IPPrefix
            /// 1 to 16383.
            package var reqid: UInt16

            package init(remote: IPPrefix, reqid: UInt16) {
                self.remote = remote
                self.reqid = reqid
            }
        }

        package var name: String
        /// The partner's gateways.
        package var peers: [IPAddress]
        package var remoteSubnets: [IPPrefix]
        /// Without one for a network nothing comes in from there.
        package var states: [State]

        package init(name: String = "t1", peers: [IPAddress], remoteSubnets: [IPPrefix], states: [State] = []) {
            self.name = name
            self.peers = peers
            self.remoteSubnets = remoteSubnets
            self.states = states
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
