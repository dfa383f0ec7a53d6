// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import IPsecConfig
internal import Partners
internal import TLS

/// Takes what an export needs from the configuration folder: one partner file, `jumpd.toml`, and certificates where
/// tunnels have them; no secret, and nothing of other partners.
struct TunnelExportReader {
    private let source: FolderSource
    private let folder: String

    init(folder: String) {
        self.folder = folder
        source = FolderSource(folder)
    }

    /// In the order of the partner file.
    func exports(of name: String, tunnel: String?) throws(Failure) -> [(TunnelID, TunnelExport)] {
        let partner = try partner(name)
        let host = try host()
        let rules = partner.tunnels.filter { tunnel == nil || $0.name == tunnel }
        guard !rules.isEmpty else {
            let names = partner.tunnels.map(\.name)
            throw Failure(
                code: "no_such_tunnel",
                message: "partner \(partner.id) has no tunnel\(tunnel.map { " \($0.printable)" } ?? "")",
                hint: names.isEmpty ? "add a [[tunnel]], see eig-partner(5)" : "it has \(names.joined(separator: ", "))"
            )
        }
        var exports: [(TunnelID, TunnelExport)] = []
        for rule in rules {
            let id = TunnelID(partner: partner.id, name: rule.name)
            let proof = try proof(rule)
            do throws(TunnelSet.Failure) {
                exports.append(
                    (id, try TunnelExport(rule, of: id, on: host, certificate: proof?.tunnel, ours: proof?.ours))
                )
            } catch {
                throw Failure(code: "no_export", message: "\(error)")
            }
        }
        return exports
    }

    private func partner(_ name: String) throws(Failure) -> Partner {
        guard let id = PartnerID(name) else { throw noPartner(name) }
        let path = "\(ConfigurationPath.partners)/\(id).toml"
        guard let text = try text(path) else { throw noPartner(name) }
        let outcome = PartnerFile.parse(text, fileName: path)
        guard let partner = outcome.partner else { throw broken(path) }
        return partner
    }

    private func noPartner(_ name: String) -> Failure {
        var known: [String] = []
        if case .names(let names) = source.names(in: ConfigurationPath.partners) {
            known = names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
        }
        let nearest = Spelling.nearest(to: name, among: known).map { "did you mean \($0)?" }
        return Failure(
            code: "no_such_partner",
            message: "\(folder.printable) has no partner \(name.printable)",
            hint: nearest ?? "name the folder with `--config DIR`"
        )
    }

    private func host() throws(Failure) -> HostFile {
        guard let text = try text(ConfigurationPath.host) else {
            throw Failure(
                code: "no_host",
                message: "\(folder.printable)/\(ConfigurationPath.host) is missing: it says where tunnels begin",
                hint: "name the folder with `--config DIR`"
            )
        }
        guard let host = HostFile.parse(text).file else { throw broken(ConfigurationPath.host) }
        return host
    }

    /// What the certificates say; nothing with a pre-shared key.
    private func proof(
        _ rule: TunnelRule
    ) throws(Failure) -> (tunnel: TunnelCertificate, ours: TunnelExport.OurCertificate)? {
        guard case .certificate(let identity, let authority) = rule.authentication else { return nil }
        let ours = try certificate(ConfigurationPath.identityCertificate(identity))
        let theirs = try certificate(ConfigurationPath.authority(authority))
        guard let authoritySubject = CertificateName.inOrder(theirs.subject) else {
            throw Failure(
                code: "no_export",
                message: "ca/\(authority): Libreswan cannot be told of an authority called \(theirs.subject.printable)",
                hint: "ask the partner for an authority with a name of plain letters"
            )
        }
        return (
            // The nickname is of our own Libreswan: no text for others has it.
            TunnelCertificate(
                nickname: "ours",
                authoritySubject: authoritySubject,
                localKey: KeyKind(ours),
                remoteKey: KeyKind(theirs)
            ),
            TunnelExport.OurCertificate(
                subject: CertificateName.inOrder(ours.subject) ?? ours.subject,
                issuer: CertificateName.inOrder(ours.issuer) ?? ours.issuer
            )
        )
    }

    private func certificate(_ path: String) throws(Failure) -> PeerCertificate {
        guard case .bytes(let bytes) = source.read(path, limitBytes: 1 << 20),
            let first = try? PEM.certificates(bytes).first
        else {
            throw Failure(
                code: "unreadable",
                message: "\(folder.printable)/\(path): there is no certificate that could be read",
                hint: "see `eigctl check`"
            )
        }
        return first
    }

    /// Nothing when the file is missing.
    private func text(_ path: String) throws(Failure) -> String? {
        switch source.read(path, limitBytes: 4 << 20) {
        case .missing: return nil
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw broken(path) }
            return text
        case .forbidden:
            throw Failure(code: "unreadable", message: "\(folder.printable)/\(path): it may not be read by this user")
        case .failed(let why):
            throw Failure(code: "unreadable", message: "\(folder.printable)/\(path): \(why)")
        }
    }

    private func broken(_ path: String) -> Failure {
        Failure(
            code: "configuration_refused",
            message: "\(folder.printable)/\(path) has errors",
            hint: "see `eigctl check`"
        )
    }
}

extension KeyKind {
    /// What Libreswan signs with; anything but RSA is taken for a curve.
    fileprivate init(_ certificate: PeerCertificate) {
        self = certificate.keyDescription.hasPrefix("RSA") ? .rsa : .ecdsa
    }
}
