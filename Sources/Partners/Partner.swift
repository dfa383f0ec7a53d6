// SPDX-License-Identifier: Apache-2.0
package import Base

/// One outside organisation: everything the edge knows about it, from `partners.d/<id>.toml`.
///
/// Valid by construction: only ``PartnerFile/parse(_:fileName:)`` makes one. What depends on other files
/// (they exist, no two partners collide) is checked by ``Configuration/load(from:now:requiring:inspect:)``.
package struct Partner: Hashable, Sendable {
    /// `id`, required: `[a-z][a-z0-9_]{0,31}`; the file is called `<id>.toml`.
    package var id: PartnerID
    /// `name`, required: what people call it; 1 to 200 characters.
    package var name: String
    /// `roles`, required: one or both of `send`, `receive`.
    package var roles: Set<PartnerRole>
    /// `enabled`, default true: false refuses this partner everywhere and keeps its file.
    package var isEnabled: Bool
    /// `owner`, required: who answers for this partner; 1 to 200 characters.
    package var owner: String
    /// `ticket`, required: why this partner exists; 1 to 200 characters.
    package var ticket: String
    /// `[[allow]]`, at least one: where it may connect from.
    package var allow: [AllowEntry]
    /// `[[certificate]]`, at least one: which client certificates are this partner.
    package var certificates: [CertificateRule]
    /// `revoked`, default none, at most 1000: certificates and keys refused although their chain is good.
    package var revoked: [RevokedCertificate]
    /// `[credential]`, default none: what it must send in addition to its certificate.
    package var credential: CredentialRule
    /// `[limits]`: how much it may ask of us.
    package var limits: PartnerLimits
    /// `[callbacks]`, optional: where we tell this partner things.
    package var callbacks: CallbackRule?
    /// `[inbound]`: how callbacks from this partner are read.
    package var inbound: InboundRule
    /// `[outward]`, optional: where backends may call this partner through us.
    package var outward: OutwardRule?
    /// `[[tunnel]]`, at most 8: the IPsec tunnels to this partner.
    package var tunnels: [TunnelRule]
    /// Where each key was written.
    package var origins: Origins
}

/// Addresses a partner may connect from, and why.
package struct AllowEntry: Hashable, Sendable {
    /// `from`, required: canonical networks, 1 to 1000, none shorter than /8 (IPv4) or /16 (IPv6).
    package var from: [IPPrefix]
    /// `via`, optional: the name of the tunnel these must come through.
    package var via: String?
    /// `reason`, required: why; 1 to 200 characters.
    package var reason: String
    /// `until`, optional: refused from this instant on. A date allows that whole day, in UTC.
    package var until: WallInstant?

    package func isInForce(at now: WallInstant) -> Bool { until.map { now < $0 } ?? true }
}

/// What a client certificate must be to stand for this partner.
package struct CertificateRule: Hashable, Sendable {
    /// `ca`, required: the file `ca/<ca>` holds this partner's own authority, PEM; the chain must end in it.
    package var ca: String
    /// `san`, required: the DNS name the leaf must carry, lower case, no wildcard.
    package var san: String
    /// `pin`, optional: SHA-256 of the leaf's SubjectPublicKeyInfo, in addition to `ca` and `san`.
    package var pin: KeyPin?
    /// `eku`, default `clientAuth`.
    package var keyUsage: KeyUsageRule
}

/// Which extended key usages a client certificate may carry.
package enum KeyUsageRule: String, CaseIterable, Hashable, Sendable {
    /// It must be meant for clients (RFC 5280 §4.2.1.12).
    case clientAuth
    /// Any; for partners whose public authority no longer issues clientAuth.
    case any
}

/// The SHA-256 of a SubjectPublicKeyInfo, written `sha256:` and 64 lower-case hex digits.
package struct KeyPin: Hashable, Sendable, CustomStringConvertible {
    package let sha256: [UInt8]

    /// Fails on anything but the one spelling.
    package init?(_ text: String) {
        let digits = text.dropFirst(7)
        guard text.hasPrefix("sha256:"), digits.utf8.count == 64, digits == digits.lowercased(),
            let bytes = Hex.decode(String(digits))
        else { return nil }
        sha256 = bytes
    }

    package var description: String { "sha256:\(Hex.encode(sha256))" }
}

/// A certificate or a key that is refused although its chain verifies.
package enum RevokedCertificate: Hashable, Sendable {
    /// The serial number, lower-case hex without leading zeros.
    case serial(String)
    /// Every certificate with this key.
    case key(KeyPin)

    /// Parses a serial number (1 to 40 hex digits, colons between octets allowed) or a `sha256:` pin.
    package init?(_ text: String) {
        if text.hasPrefix("sha256:") {
            guard let pin = KeyPin(text) else { return nil }
            self = .key(pin)
            return
        }
        let digits = text.lowercased().filter { $0 != ":" }
        guard (1...40).contains(digits.utf8.count), digits.utf8.allSatisfy({ Hex.value(of: $0) != nil }) else {
            return nil
        }
        let significant = digits.drop { $0 == "0" }
        self = .serial(significant.isEmpty ? "0" : String(significant))
    }
}

/// What a partner must send besides its certificate.
package struct CredentialRule: Hashable, Sendable {
    package enum Scheme: String, CaseIterable, Hashable, Sendable {
        case none
        /// `Authorization: Basic` (RFC 7617).
        case basic
        /// `X-USERNAME` and `X-PASSWORD`, the latter the SHA-256 of the password in hex, either case.
        case terrapay
    }

    /// `scheme`, default `none`.
    package var scheme: Scheme
    /// `file`, required unless the scheme is `none`: `credentials/<file>`, see ``Credential``.
    package var file: String?

    package static let none = CredentialRule(scheme: .none, file: nil)
}

/// How much one partner may ask of this host.
package struct PartnerLimits: Hashable, Sendable {
    /// `requests-per-second`, 1 to 100,000, default 100: sustained rate, counted over all workers.
    package var requestsPerSecond: Int
    /// `burst`, 1 to 1,000,000, default twice `requests-per-second`: requests allowed at once after a pause.
    package var burst: Int
    /// `concurrent`, 1 to 100,000, default 64: requests in progress.
    package var concurrent: Int
    /// `body-bytes`, 0 to 67,108,864, default 262,144: the largest request body.
    package var bodyBytesMax: Int

    package static let standard = PartnerLimits(
        requestsPerSecond: 100,
        burst: 200,
        concurrent: 64,
        bodyBytesMax: 262_144
    )
}
