// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Partners

/// A tunnel that should be there, made of the connections it consists of.
package struct ExpectedTunnel: Hashable, Sendable {
    package var id: TunnelID
    /// In order.
    package var connections: [ConnectionName]
    /// The gateway of the partner that is used now.
    package var peer: IPAddress
    /// The partner's first gateway and the one for when that is silent, if there is one.
    package var primary: IPAddress
    package var backup: IPAddress?
    /// Whether an administrator took it down.
    package var isHeld: Bool
    /// How long the peer is asked before it counts as gone.
    package var retransmitTimeout: Duration
    /// What we offer and whom we expect, as the configuration says it: shown beside what the partner says.
    package var ike: String
    package var esp: String
    package var remoteID: String

    package init(
        id: TunnelID,
        connections: [ConnectionName],
        peer: IPAddress,
        backup: IPAddress? = nil,
        isHeld: Bool = false,
        retransmitTimeout: Duration = .seconds(30),
        ike: String = "",
        esp: String = "",
        remoteID: String = ""
    ) {
        self.id = id
        self.connections = connections
        self.peer = peer
        primary = peer
        self.backup = backup
        self.isHeld = isHeld
        self.retransmitTimeout = retransmitTimeout
        self.ike = ike
        self.esp = esp
        self.remoteID = remoteID
    }

    package var isOnBackup: Bool { backup != nil && peer != primary }

    /// The tunnels of what is in force, sorted.
    ///
    /// - Parameter gateways: the partner's first gateway of each tunnel, and its backup, if it has one.
    /// - Parameter held: the tunnels an administrator took down.
    package static func all(
        of connections: [Connection],
        gateways: [TunnelID: (primary: IPAddress, backup: IPAddress?)] = [:],
        held: Set<TunnelID> = []
    ) -> [ExpectedTunnel] {
        Dictionary(grouping: connections, by: \.name.tunnel).compactMap { id, members in
            guard let first = members.min(by: { $0.name < $1.name }) else { return nil }
            var tunnel = ExpectedTunnel(
                id: id,
                connections: members.map(\.name).sorted(),
                peer: first.remote.address,
                isHeld: held.contains(id),
                retransmitTimeout: first.retransmitTimeout,
                ike: first.ike.map(text).joined(separator: ", "),
                esp: first.esp.map(text).joined(separator: ", "),
                remoteID: first.remote.id.description
            )
            if let gateway = gateways[id] {
                tunnel.primary = gateway.primary
                tunnel.backup = gateway.backup
            }
            return tunnel
        }.sorted { $0.id < $1.id }
    }

    private static func text(_ proposal: IKEProposal) -> String {
        "\(proposal.cipher.rawValue)-\(proposal.hash.rawValue);\(proposal.group.rawValue)"
    }

    private static func text(_ proposal: ESPProposal) -> String {
        proposal.cipher.rawValue + (proposal.hash.map { "-\($0.rawValue)" } ?? "")
            + (proposal.group.map { ";\($0.rawValue)" } ?? "")
    }
}
