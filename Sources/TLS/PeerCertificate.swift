// SPDX-License-Identifier: Apache-2.0
package import Base

/// The facts of one certificate, read once and kept as plain values.
///
/// Nothing here was decided: the chain was verified by the library, and who the holder is, whether the
/// purpose fits and whether the certificate was revoked is for the caller to judge from these facts.
package struct PeerCertificate: Hashable, Sendable {
    /// The certificate itself (X.690 DER), as RFC 9440 sends it on.
    package let der: [UInt8]
    package let sha256: [UInt8]
    /// SHA-256 of the SubjectPublicKeyInfo: what a pin names (RFC 7469 §2.4).
    package let spkiSHA256: [UInt8]
    /// RFC 2253 text, for people and logs; never a name to match.
    package let subject: String
    package let issuer: String
    /// Lower-case hexadecimal without separators; a leading `-` for the negative ones.
    package let serial: String
    /// The dNSName entries, lower-case, and no other kind of name (RFC 6125 §6.4.4 forbids the CN).
    ///
    /// An entry that is no host name (a NUL, a space, non-ASCII) is left out and told in ``weakness``.
    package let dnsNames: [String]
    /// The rfc822Name entries as written; one that is not printable ASCII is left out.
    package let emails: [String]
    /// The uniformResourceIdentifier entries as written, under the same rule.
    package let uris: [String]
    package let notBefore: WallInstant
    package let notAfter: WallInstant
    /// Whether there is an extended key usage at all; without one every purpose is allowed (RFC 5280 §4.2.1.12).
    package let isPurposeLimited: Bool
    package let hasClientAuth: Bool
    package let hasServerAuth: Bool
    /// Whether it may sign other certificates (RFC 5280 §4.2.1.9).
    package let isAuthority: Bool
    /// Whether subject and issuer are the same: such a certificate can be a trust anchor.
    package let isSelfIssued: Bool
    /// Such as `EC P-256`, `RSA 3072`, `Ed25519`.
    package let keyDescription: String
    /// Why nobody should rely on this certificate, or nothing.
    package let weakness: String?
    /// SHA-256 of the certificate that ends the verified chain, or nothing where none was verified.
    package internal(set) var anchorSHA256: [UInt8]?

    /// Whether `instant` lies within the certificate's dates.
    package func isValid(at instant: WallInstant) -> Bool { notBefore <= instant && instant <= notAfter }
}
