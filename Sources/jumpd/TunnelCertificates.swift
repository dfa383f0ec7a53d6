// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import IPsecConfig
internal import Libreswan
internal import Partners
internal import TLS

/// What the tunnels with certificates need, read from the configuration folder.
struct TunnelCertificates {
    var tunnels: [TunnelID: TunnelCertificate] = [:]
    var identities: [TunnelIdentity] = []
    var authorities: [TunnelAuthority] = []

    private let source: FolderSource
    /// The nicknames that stand, by what they end in.
    private let standing: [String: String]

    /// - Parameter existing: what stands: a certificate that several tunnels share keeps the name it has.
    init(
        _ configuration: Configuration,
        existing: [Connection],
        from source: FolderSource
    ) throws(TunnelsService.Refusal) {
        self.source = source
        var standing: [String: String] = [:]
        for case .certificate(let nickname, _) in existing.map(\.authentication) {
            if let dash = nickname.lastIndex(of: "-") { standing[String(nickname[dash...])] = nickname }
        }
        self.standing = standing
        for partner in configuration.partners.filter(\.isEnabled).sorted(by: { $0.id < $1.id }) {
            for rule in partner.tunnels {
                guard case .certificate(let identity, let authority) = rule.authentication else { continue }
                try add(TunnelID(partner: partner.id, name: rule.name), identity: identity, authority: authority)
            }
        }
    }

    private mutating func add(
        _ tunnel: TunnelID,
        identity: String,
        authority: String
    ) throws(TunnelsService.Refusal) {
        let path = ConfigurationPath.identityCertificate(identity)
        let text = try read(path, for: tunnel)
        guard let own = try certificates(text, path, tunnel).first else {
            throw .secret(tunnel, why: "\(path): there is no certificate in it")
        }
        let key = try read(ConfigurationPath.identityKey(identity), for: tunnel)
        do throws(PEMError) { try PEM.requireKey(key, matches: text) } catch {
            throw .secret(tunnel, why: "\(ConfigurationPath.identityKey(identity)): \(error)")
        }
        let known = identities.first { $0.certificate == text }?.nickname
        let nickname = known ?? standing["-\(own.serial)"] ?? "\(tunnel.partner)-\(own.serial)"
        if known == nil {
            identities.append(TunnelIdentity(nickname: nickname, certificate: text, key: key))
        }
        let root = try addAuthority(authority, tunnel)
        tunnels[tunnel] = TunnelCertificate(
            nickname: nickname,
            authoritySubject: try Self.name(root.subject, tunnel),
            localKey: try Self.kind(own, path, tunnel),
            remoteKey: try Self.kind(root, ConfigurationPath.authority(authority), tunnel)
        )
    }

    /// - Returns: the one that the partner's chain must end in.
    private mutating func addAuthority(
        _ name: String,
        _ tunnel: TunnelID
    ) throws(TunnelsService.Refusal) -> PeerCertificate {
        let path = ConfigurationPath.authority(name)
        let found = try certificates(try read(path, for: tunnel), path, tunnel)
        guard let root = found.first(where: \.isSelfIssued) else {
            throw .secret(tunnel, why: "\(path): none of its certificates is self-issued, so no chain can end in it")
        }
        for certificate in found {
            let nickname = "eig-ca-\(Hex.encode(certificate.sha256.prefix(8)))"
            guard !authorities.contains(where: { $0.nickname == nickname }) else { continue }
            authorities.append(
                TunnelAuthority(nickname: nickname, der: certificate.der, isRoot: certificate.isSelfIssued)
            )
        }
        return root
    }

    private func certificates(
        _ text: [UInt8],
        _ path: String,
        _ tunnel: TunnelID
    ) throws(TunnelsService.Refusal) -> [PeerCertificate] {
        do throws(PEMError) { return try PEM.certificates(text) } catch {
            throw .secret(tunnel, why: "\(path): \(error)")
        }
    }

    private func read(_ path: String, for tunnel: TunnelID) throws(TunnelsService.Refusal) -> [UInt8] {
        switch source.read(path, limitBytes: 1 << 20) {
        case .bytes(let bytes): return bytes
        case .missing: throw .secret(tunnel, why: "there is no \(path)")
        case .forbidden: throw .secret(tunnel, why: "\(path) may not be read")
        case .failed(let why): throw .secret(tunnel, why: "\(path): \(why)")
        }
    }

    /// Libreswan reads a name in the order of the certificate, RFC 4514 writes it the other way round.
    private static func name(_ subject: String, _ tunnel: TunnelID) throws(TunnelsService.Refusal) -> String {
        guard !subject.contains("\\"), !subject.contains("+"), !subject.isEmpty else {
            throw .secret(tunnel, why: "Libreswan does not keep the authority's name `\(subject)`")
        }
        return subject.split(separator: ",").reversed().joined(separator: ", ")
    }

    private static func kind(
        _ certificate: PeerCertificate,
        _ path: String,
        _ tunnel: TunnelID
    ) throws(TunnelsService.Refusal) -> KeyKind {
        if certificate.keyDescription.hasPrefix("EC ") { return .ecdsa }
        if certificate.keyDescription.hasPrefix("RSA ") { return .rsa }
        throw .secret(tunnel, why: "\(path): Libreswan signs with EC and RSA keys, not \(certificate.keyDescription)")
    }
}
