// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Partners
internal import TLS

/// A look into certificate files that a text reader cannot have: are they whole, of use, and in date.
///
/// What the gateway would refuse is an error. Dates are warnings: one partner's certificate that ends must
/// not keep another partner's change from being applied.
struct CertificateInspection {
    let source: FolderSource
    let now: WallInstant
    /// The key file that belongs to a certificate file, by path.
    let keys: [String: String]

    /// What ends within this time is told.
    private static var noticeTime: Duration { .seconds(30 * 86_400) }

    init(_ source: FolderSource, now: WallInstant, gateway: GatewayFile?) {
        self.source = source
        self.now = now
        guard let server = gateway?.server else {
            keys = [:]
            return
        }
        keys = [
            ConfigurationPath.identityFile(server.certificate): ConfigurationPath.identityFile(server.key)
        ]
    }

    func findings(_ path: String, _ bytes: [UInt8]) -> [CertificateFinding] {
        let certificates: [PeerCertificate]
        do throws(PEMError) {
            certificates = try PEM.certificates(bytes)
        } catch {
            return [error.finding(hint: "store certificates only, as PEM")]
        }
        let isAuthority = path.hasPrefix(ConfigurationPath.authority(""))
        let kind = isAuthority ? authority(certificates) : identity(path, bytes)
        return kind + certificates.flatMap(common)
    }

    private func authority(_ certificates: [PeerCertificate]) -> [CertificateFinding] {
        var findings: [CertificateFinding] = []
        if !certificates.contains(where: \.isSelfIssued) {
            findings.append(
                CertificateFinding(
                    severity: .error,
                    message: "none of its certificates is self-issued, so no chain can end in it",
                    hint: "put the partner's root certificate there"
                )
            )
        }
        for certificate in certificates where !certificate.isAuthority {
            findings.append(
                CertificateFinding(
                    severity: .error,
                    message: "\(certificate.subject) may not issue certificates",
                    hint: "put the authority's certificate there, not one it issued"
                )
            )
        }
        return findings
    }

    /// Whether the private key beside it is its own, where both can be read.
    private func identity(_ path: String, _ bytes: [UInt8]) -> [CertificateFinding] {
        let beside = path.hasSuffix(".pem") ? "\(path.dropLast(4)).key" : nil
        guard let keyPath = keys[path] ?? beside,
            case .bytes(let key) = source.read(keyPath, limitBytes: 262_144)
        else { return [] }
        do throws(PEMError) {
            try PEM.requireKey(key, matches: bytes)
            return []
        } catch {
            return [error.finding(hint: "store the certificate and its own key", file: keyPath)]
        }
    }

    private func common(_ certificate: PeerCertificate) -> [CertificateFinding] {
        var findings: [CertificateFinding] = []
        func warn(_ message: String, _ hint: String) {
            findings.append(CertificateFinding(severity: .warning, message: message, hint: hint))
        }
        let subject = certificate.subject
        if let weakness = certificate.weakness { warn("\(subject): \(weakness)", "ask for a new certificate") }
        if certificate.notBefore > now {
            warn("\(subject) begins on \(day(certificate.notBefore))", "check the clock, or wait")
        } else if certificate.notAfter < now {
            warn("\(subject) ended on \(day(certificate.notAfter))", "replace it")
        } else if certificate.notAfter < now + Self.noticeTime {
            warn("\(subject) ends on \(day(certificate.notAfter))", "get the next one in time; both may be listed")
        }
        return findings
    }

    private func day(_ instant: WallInstant) -> String { String(instant.rfc3339.prefix(10)) }
}

extension PEMError {
    fileprivate func finding(hint: String, file: String? = nil) -> CertificateFinding {
        CertificateFinding(severity: .error, message: file.map { "\($0): \(self)" } ?? "\(self)", hint: hint)
    }
}
