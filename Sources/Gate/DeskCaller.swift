// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import LinuxIO
internal import Partners
internal import TLS

/// Who asks the gate something.
enum DeskCaller: Sendable {
    /// Through the gate's port: known by a certificate.
    case person(Person, KnownCertificate, source: IPEndpoint)
    /// On the host's control socket: known to the kernel, and who logged in before becoming that.
    case local(PeerCredentials, LoggedInUser?)
}

/// The certificate somebody was known by, and what of it said who they are.
struct KnownCertificate: Hashable, Sendable {
    /// RFC 2253.
    let subject: String
    let issuer: String
    /// Hexadecimal.
    let serial: String
    /// SHA-256 of its DER form, hexadecimal.
    let sha256: String
    let notBefore: WallInstant
    let notAfter: WallInstant
    /// The name in it that is an administrator's.
    let name: AdminName
    /// The file of the authorities its chain ends in.
    let ca: String
}

extension KnownCertificate {
    /// - Parameter admin: whose it was found to be.
    init(_ certificate: PeerCertificate, of admin: AdminRule) {
        self.init(
            subject: certificate.subject,
            issuer: certificate.issuer,
            serial: certificate.serial,
            sha256: Hex.encode(certificate.sha256),
            notBefore: certificate.notBefore,
            notAfter: certificate.notAfter,
            name: admin.san,
            ca: admin.ca
        )
    }

    /// For the audit log.
    var how: String { AuditWords.how(serial: serial, sha256: sha256) }
}
