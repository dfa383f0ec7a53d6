// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TLS

/// How the audit log names what somebody was known by.
enum AuditWords {
    static func how(_ certificate: PeerCertificate) -> String {
        how(serial: certificate.serial, sha256: Hex.encode(certificate.sha256))
    }

    static func how(serial: String, sha256: String) -> String { "certificate \(serial) sha256:\(sha256)" }

    /// What somebody who is not known calls themselves, for who has to find out: short, and proven by nothing.
    static func names(_ certificate: PeerCertificate) -> String {
        (certificate.emails + certificate.dnsNames).prefix(4).map { String($0.prefix(80)) }.joined(separator: " ")
    }
}
