// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
package import Control
internal import Partners
internal import TLS

/// What `eigctl cert list` and `cert expiring` write for `--json`.
package struct CertificateListDocument: ControlDocument {
    package var schema = controlSchema
    /// Whether every file could be read; dates leave it true.
    package var ok = true
    /// The first to end first.
    package var certificates: [CertificateStatus] = []
    /// Files that are named and could not be read, one line each.
    package var problems: [String] = []
}

/// Every certificate the configuration folder names, whoever runs or does not.
///
/// A broken partner file hides only its own certificates: a date that is missed is worse than a list with a gap that is
/// told.
struct CertificateSurvey {
    private let source: FolderSource
    private let now: WallInstant
    private(set) var document = CertificateListDocument()
    /// When the certificates of tunnels end, for metrics.
    private(set) var endsOfTunnels: [(use: String, partner: String, file: String, serial: String, seconds: Int64)] = []
    /// An authority two partners name is told for each; a file one partner names twice, once.
    private var seen: Set<String> = []

    init(folder: String, now: WallInstant) {
        source = FolderSource(folder)
        self.now = now
        server()
        for name in partnerFiles { partner(name) }
        document.certificates.sort {
            ($0.notAfter, $0.use, $0.file, $0.partner ?? "") < ($1.notAfter, $1.use, $1.file, $1.partner ?? "")
        }
        document.ok = document.problems.isEmpty
    }

    /// Those of tunnels.
    var tunnels: [CertificateStatus] {
        document.certificates.filter { $0.use == "tunnel" || $0.use == "tunnel-ca" }
    }

    private mutating func server() {
        guard let text = read(ConfigurationPath.gateway, isRequired: false) else { return }
        guard let file = GatewayFile.parse(text).file else {
            document.problems.append("eigd.toml has errors: see `eigctl check`")
            return
        }
        add("server", partner: nil, ConfigurationPath.identityFile(file.server.certificate))
    }

    private var partnerFiles: [String] {
        mutating get {
            switch source.names(in: ConfigurationPath.partners) {
            case .names(let names): return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.sorted()
            case .missing: return []
            case .failed(let why):
                document.problems.append("\(ConfigurationPath.partners): \(why)")
                return []
            }
        }
    }

    private mutating func partner(_ name: String) {
        let path = "\(ConfigurationPath.partners)/\(name)"
        guard let text = read(path, isRequired: true) else { return }
        guard let partner = PartnerFile.parse(text, fileName: path).partner else {
            document.problems.append("\(path) has errors: see `eigctl check`")
            return
        }
        let id = partner.id.rawValue
        for rule in partner.certificates { add("partner-ca", partner: id, ConfigurationPath.authority(rule.ca)) }
        for ca in [partner.callbacks?.ca, partner.outward?.ca].compactMap({ $0 }) {
            add("partner-ca", partner: id, ConfigurationPath.authority(ca))
        }
        for identity in [partner.callbacks?.identity, partner.outward?.identity].compactMap({ $0 }) {
            add("identity", partner: id, identityPath(identity))
        }
        for case .certificate(let identity, let authority) in partner.tunnels.map(\.authentication) {
            add("tunnel", partner: id, identityPath(identity))
            add("tunnel-ca", partner: id, ConfigurationPath.authority(authority))
        }
    }

    /// The certificate lies in the folder even where its key is a credential of the service.
    private func identityPath(_ name: String) -> String {
        let prefix = "credential:"
        return ConfigurationPath.identityCertificate(
            name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        )
    }

    private mutating func add(_ use: String, partner: String?, _ path: String) {
        guard seen.insert("\(path) \(partner ?? "")").inserted else { return }
        let bytes: [UInt8]
        switch source.read(path, limitBytes: 1 << 20) {
        case .bytes(let read): bytes = read
        case .missing: return document.problems.append("\(path): there is no such file")
        case .forbidden: return document.problems.append("\(path): this user may not read it")
        case .failed(let why): return document.problems.append("\(path): \(why)")
        }
        do throws(PEMError) {
            for certificate in try PEM.certificates(bytes) {
                document.certificates.append(status(certificate, use, partner, path))
                guard use.hasPrefix("tunnel"), let partner else { continue }
                endsOfTunnels.append((use, partner, path, certificate.serial, certificate.notAfter.seconds))
            }
        } catch {
            document.problems.append("\(path): \(error)")
        }
    }

    private func status(
        _ certificate: PeerCertificate,
        _ use: String,
        _ partner: String?,
        _ path: String
    ) -> CertificateStatus {
        let left = Double(certificate.notAfter.seconds - now.seconds) / 86_400
        return CertificateStatus(
            use: use,
            partner: partner,
            file: path,
            subject: certificate.subject,
            notAfter: certificate.notAfter.rfc3339,
            daysLeft: Int(left.rounded(.down))
        )
    }

    private mutating func read(_ path: String, isRequired: Bool) -> String? {
        switch source.read(path, limitBytes: 1 << 20) {
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .missing where !isRequired: return nil
        case .missing: document.problems.append("\(path): there is no such file")
        case .forbidden: document.problems.append("\(path): this user may not read it")
        case .failed(let why): document.problems.append("\(path): \(why)")
        }
        return nil
    }
}
