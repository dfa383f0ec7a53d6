// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@testable import Edge
@testable import TLS

/// Partners and certificates as tests need them.
enum Fixture {
    static let now = WallInstant(seconds: 1_800_000_000)
    static let key = [UInt8](repeating: 0x11, count: 32)
    static let otherKey = [UInt8](repeating: 0x22, count: 32)
    static let pin = "sha256:" + Hex.encode(key)
    static let otherPin = "sha256:" + Hex.encode(otherKey)

    /// A partner from the text of its file.
    ///
    /// - Parameter rest: what comes after the required head; by default one address and one certificate.
    static func partner(
        _ id: String = "payfast",
        head: String = "",
        rest: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Partner {
        let standard = """
            [[allow]]
            from = ["192.0.2.0/24", "2001:db8:5::/48"]
            reason = "production"
            [[certificate]]
            ca = "\(id)-ca.pem"
            san = "edge.\(id).example"
            """
        let text = """
            id = "\(id)"
            name = "\(id)"
            roles = ["send"]
            owner = "ops"
            ticket = "T-1"
            \(head)
            \(rest ?? standard)
            """
        let outcome = PartnerFile.parse(text, fileName: "partners.d/\(id).toml")
        let why = outcome.diagnostics.map { "\($0.line): \($0.message)" }.joined(separator: "\n")
        return try #require(outcome.partner, "\(why)", sourceLocation: sourceLocation)
    }

    static func record(_ partner: Partner, credential: Credential? = nil) -> PartnerRecord {
        PartnerRecord(partner: partner, credential: credential, runtime: PartnerRuntime())
    }

    /// The facts of a verified certificate; by default one that is right in every respect.
    static func certificate(
        names: [String] = ["edge.payfast.example"],
        anchor: [UInt8]? = Array("payfast".utf8),
        key: [UInt8] = key,
        serial: String = "a1b2",
        notBefore: Int64 = -3600,
        notAfter: Int64 = 3600,
        hasClientAuth: Bool = true,
        weakness: String? = nil
    ) -> PeerCertificate {
        PeerCertificate(
            der: [0x30, 0x03, 0x02, 0x01, 0x05],
            sha256: [UInt8](repeating: 0x77, count: 32),
            spkiSHA256: key,
            subject: "CN=\(names.first ?? "")",
            issuer: "CN=Somebody's CA",
            serial: serial,
            dnsNames: names,
            emails: [],
            uris: [],
            notBefore: WallInstant(seconds: now.seconds + notBefore),
            notAfter: WallInstant(seconds: now.seconds + notAfter),
            isPurposeLimited: true,
            hasClientAuth: hasClientAuth,
            hasServerAuth: false,
            isAuthority: false,
            isSelfIssued: false,
            keyDescription: "EC P-256",
            weakness: weakness,
            anchorSHA256: anchor
        )
    }
}
