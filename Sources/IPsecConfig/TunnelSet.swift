// SPDX-License-Identifier: Apache-2.0
package import Partners

/// Every connection that a configuration asks for: one for each pair of networks of each tunnel, all through the peer
/// that is active.
///
/// Pure: the same configuration and the same existing connections give the same set, on every program of the host, and
/// what it gives is a fixed point: with its own result as `existing` it gives that again.
package struct TunnelSet: Hashable, Sendable {
    /// By name.
    package private(set) var connections: [Connection] = []
    /// One for each tunnel with a pre-shared key, by tunnel.
    package private(set) var secrets: [SecretRequest] = []

    /// Why there is no set; nothing is applied then.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// More pairs of networks than the kernel has numbers for.
        case tooManyPairs(count: Int)
        /// This host has no address of the peer's family.
        case noLocalAddress(TunnelID)
        /// Nobody has read the certificates of a tunnel that needs them.
        case noCertificate(TunnelID)

        package var description: String {
            switch self {
            case .tooManyPairs(let count):
                "\(count) pairs of networks in all tunnels; \(NumberRegistry.reqids.upperBound) are supported: "
                    + "use wider networks, or spread the partners over several hosts"
            case .noLocalAddress(let tunnel):
                "tunnel \(tunnel): this host has no address of the family of its peer: add one to [tunnels] addresses "
                    + "in jumpd.toml"
            case .noCertificate(let tunnel): "tunnel \(tunnel): its certificates were not read"
            }
        }
    }

    /// - Parameter existing: the connections of the files Libreswan was last given; their numbers stay.
    /// - Parameter active: ``TunnelPeer/primary`` where it says nothing.
    /// - Parameter certificates: of every tunnel that proves itself with certificates.
    package init(
        configuration: Configuration,
        host: HostFile,
        existing: [Connection] = [],
        active: [TunnelID: TunnelPeer] = [:],
        certificates: [TunnelID: TunnelCertificate] = [:]
    ) throws(Failure) {
        let tunnels = Self.tunnels(of: configuration)
        let pairs = Self.pairs(of: configuration)
        guard let numbers = NumberRegistry.assign(pairs, existing: existing) else {
            throw .tooManyPairs(count: pairs.count)
        }
        for (id, rule) in tunnels {
            let template = try Self.template(rule, id, host, active[id] ?? .primary, certificates[id])
            for pair in Self.pairs(rule, of: id) {
                guard let number = numbers[pair] else { continue }
                var connection = template
                connection.name.number = number.connection
                connection.reqid = number.reqid
                connection.local.subnet = pair.local
                connection.remote.subnet = pair.remote
                connections.append(connection)
            }
            if case .sharedSecret(let file) = rule.authentication {
                let request = SecretRequest(tunnel: id, local: rule.localID, remote: rule.remoteID, file: file)
                secrets.append(request)
            }
        }
        connections.sort { $0.name < $1.name }
    }

    /// By id; a partner that is not enabled has none.
    private static func tunnels(of configuration: Configuration) -> [(id: TunnelID, rule: TunnelRule)] {
        configuration.partners.filter(\.isEnabled).flatMap { partner in
            partner.tunnels.map { (id: TunnelID(partner: partner.id, name: $0.name), rule: $0) }
        }.sorted { $0.id < $1.id }
    }

    static func pairs(of configuration: Configuration) -> [NumberRegistry.Pair] {
        tunnels(of: configuration).flatMap { pairs($0.rule, of: $0.id) }
    }

    /// In the order of the file.
    static func pairs(_ rule: TunnelRule, of tunnel: TunnelID) -> [NumberRegistry.Pair] {
        rule.localSubnets.flatMap { local in
            rule.remoteSubnets.map { NumberRegistry.Pair(tunnel: tunnel, local: local, remote: $0) }
        }
    }

    /// Everything but the networks and the numbers.
    static func template(
        _ rule: TunnelRule,
        _ id: TunnelID,
        _ host: HostFile,
        _ active: TunnelPeer,
        _ certificate: TunnelCertificate?
    ) throws(Failure) -> Connection {
        let peer = active == .backup ? rule.backupPeer ?? rule.peer : rule.peer
        guard let address = rule.localAddress ?? host.tunnels.address(towards: peer) else {
            throw .noLocalAddress(id)
        }
        let authentication: Connection.Authentication
        var keys = (local: KeyKind.ecdsa, remote: KeyKind.ecdsa)
        switch rule.authentication {
        case .sharedSecret: authentication = .sharedSecret
        case .certificate:
            guard let certificate else { throw .noCertificate(id) }
            keys = (certificate.localKey, certificate.remoteKey)
            authentication = .certificate(
                nickname: certificate.nickname,
                authority: certificate.authoritySubject
            )
        }
        return Connection(
            name: ConnectionName(tunnel: id, number: NumberRegistry.connections.lowerBound),
            local: .init(address: address, id: rule.localID, subnet: rule.localSubnets[0]),
            remote: .init(address: peer, id: rule.remoteID, subnet: rule.remoteSubnets[0]),
            authentication: authentication,
            localKey: keys.local,
            remoteKey: keys.remote,
            version: rule.version,
            ike: rule.ike,
            esp: rule.esp,
            ikeLifetime: rule.ikeLifetime,
            espLifetime: rule.espLifetime,
            liveness: rule.liveness,
            retransmitTimeout: rule.retransmitTimeout,
            encapsulation: rule.encapsulation,
            reqid: NumberRegistry.reqids.lowerBound
        )
    }
}
