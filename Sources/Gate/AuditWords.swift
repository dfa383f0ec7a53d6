// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TLS

/// How the audit log names what somebody was known by.
enum AuditWords {
    static func how(_ certificate: PeerCertificate) -> String {
        "certificate \(certificate.serial) sha256:\(Hex.encode(certificate.sha256))"
    }
}
