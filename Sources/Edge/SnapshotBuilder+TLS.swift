// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Partners
internal import TLS

/// The parts of a snapshot that OpenSSL has a say in: keys, chains, and who is who.
extension SnapshotBuilder {
    mutating func serverContext() throws(ConfigurationRefused) -> ServerContext {
        let path = ConfigurationPath.identityFile(gateway.server.certificate)
        let settings = ServerTLSSettings(
            certificateChainPEM: try folder.bytes(of: path),
            keyPEM: try folder.bytes(of: ConfigurationPath.identityFile(gateway.server.key)),
            clientAnchorsPEM: configuration.authorities.sorted { $0.key < $1.key }.map(\.value),
            resumption: resumption
        )
        do {
            let context = try ServerContext(settings)
            certificates.insert(
                Snapshot.CertificateUse(use: "server", partner: nil, file: path, certificate: context.certificate),
                at: 0
            )
            return context
        } catch {
            throw ConfigurationRefused(
                file: path,
                message: "\(error)",
                hint: "put the chain, leaf first, and its own private key under identities/"
            )
        }
    }

    /// Each snapshot has a context of its own, so what an earlier one gave out is resumed by nobody.
    private var resumption: ResumptionSettings? {
        let rule = gateway.tls
        guard rule.sessionsMax > 0 else { return nil }
        return ResumptionSettings(ticketsMax: rule.sessionsMax, lifetime: rule.sessionLifetime)
    }

    mutating func clientContext(
        identity: String,
        ca: String,
        partner: Partner
    ) throws(ConfigurationRefused) -> ClientContext {
        let key = "\(identity)\n\(ca)"
        if let known = clientContexts[key] { return known }
        let path = ConfigurationPath.identityCertificate(identity)
        let pair = TLSIdentity(
            certificateChainPEM: try folder.bytes(of: path),
            keyPEM: try folder.bytes(of: ConfigurationPath.identityKey(identity))
        )
        let anchors = configuration.authorities[ca] ?? []
        do {
            let context = try ClientContext(ClientTLSSettings(anchorsPEM: [anchors], identity: pair))
            if let certificate = context.certificate {
                certificates.append(
                    Snapshot.CertificateUse(
                        use: "identity",
                        partner: partner.id.rawValue,
                        file: path,
                        certificate: certificate
                    )
                )
            }
            clientContexts[key] = context
            return context
        } catch {
            throw ConfigurationRefused(
                file: path,
                message: "\(error)",
                hint: "check identities/\(identity).pem and .key, and ca/\(ca)"
            )
        }
    }

    /// Who is who; the anchors are hashed as certificates, not as files.
    mutating func directory() throws(ConfigurationRefused) -> PartnerDirectory {
        var anchors: [String: [[UInt8]]] = [:]
        for (name, bytes) in configuration.authorities.sorted(by: { $0.key < $1.key }) {
            let found = try FolderSource.roots(name, bytes)
            anchors[name] = found.map(\.sha256)
            let owner = configuration.partners.first { $0.certificates.contains { $0.ca == name } }
            for certificate in found {
                certificates.append(
                    Snapshot.CertificateUse(
                        use: "partner-ca",
                        partner: owner?.id.rawValue,
                        file: ConfigurationPath.authority(name),
                        certificate: certificate
                    )
                )
            }
        }
        let records = configuration.partners.map { partner in
            PartnerRecord(
                partner: partner,
                credential: partner.credential.file.flatMap { configuration.credentials[$0] },
                runtime: book.partner(partner.id)
            )
        }
        return PartnerDirectory(records, anchors: anchors)
    }
}
