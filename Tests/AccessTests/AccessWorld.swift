// SPDX-License-Identifier: Apache-2.0
import Access
import Base
import Partners
import TestKit
import Testing

@testable import TLS

/// A gate with five administrators, and certificates for them.
enum AccessWorld {
    static let text =
        JumpdFile.host(management: ["192.0.2.0/24", "2001:db8:1::/48"])
        + JumpdFile.gate(further: ["revoked = [\"0bad\"]"])
        + JumpdFile.admin("anna", "Anna Bauer", roles: ["network"], further: ["login = \"anna\""])
        + JumpdFile.admin(
            "ben",
            "Ben Okoro",
            roles: ["network", "databases"],
            san: "ben.edge.example",
            further: ["from = [\"192.0.2.16/28\"]", "until = 2026-12-31"]
        )
        + JumpdFile.admin("carl", "Carl Lind", roles: ["audit"], further: ["pin = [\"sha256:\(zeros)\"]"])
        + JumpdFile.admin(
            "gone",
            "Gone Away",
            roles: ["network"],
            further: ["login = \"gone\"", "enabled = false"]
        )
        + JumpdFile.admin(
            "sealed",
            "The envelope in the safe",
            roles: ["network", "databases"],
            further: ["break-glass = true"]
        )
        + JumpdFile.role("network", targets: ["eig-01:22", "vpn-01"], may: ["approve", "sessions"])
        + JumpdFile.role("databases", targets: ["txn-db"])
        + JumpdFile.role("audit", may: ["audit"])
        + JumpdFile.target(
            "eig-01",
            "10.20.0.11",
            ports: [22, 8443],
            reason: "the gateway",
            further: ["idle = \"30m\""]
        )
        + JumpdFile.target("vpn-01", "10.20.0.12", ports: [22, 443], reason: "the tunnels")
        + JumpdFile.target(
            "txn-db",
            "10.20.0.20",
            ports: [5432],
            reason: "stuck transfers",
            further: ["protocol = \"postgresql\""]
        )

    /// The hash of Carl's key, as ``certificate(emails:hosts:anchor:key:serial:notAfter:hasClientAuth:isAuthority:weakness:)``
    /// has it by default.
    private static let zeros = String(repeating: "0", count: 64)

    /// - Parameter edits: made one after the other; each must find what it replaces.
    static func rules(_ edits: [(old: String, new: String)] = []) throws -> AccessRules {
        var text = text
        for (old, new) in edits {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        let outcome = HostFile.parse(text)
        return try #require(outcome.file?.access, "\(outcome.diagnostics.map(\.message))")
    }

    static let now = WallInstant(year: 2026, month: 11, day: 22, secondOfDay: 36_000) ?? WallInstant(seconds: 0)
    static let anchor = [UInt8](repeating: 0xaa, count: 32)
    static let anchors = ["admins.pem": [anchor]]
    static let source = address("192.0.2.17")

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(0) }

    static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }

    /// The facts of a verified certificate; by default one of Anna's that is right in every respect.
    static func certificate(
        emails: [String] = [],
        hosts: [String] = [],
        anchor: [UInt8]? = anchor,
        key: UInt8 = 0,
        serial: String = "0a1b",
        notAfter: Int64 = 86_400,
        hasClientAuth: Bool = true,
        isAuthority: Bool = false,
        weakness: String? = nil
    ) -> PeerCertificate {
        PeerCertificate(
            der: [0x30, 0x03, 0x02, 0x01, 0x05],
            sha256: [UInt8](repeating: 0x77, count: 32),
            spkiSHA256: [UInt8](repeating: key, count: 32),
            subject: "CN=somebody",
            issuer: "CN=Administrators",
            serial: serial,
            dnsNames: hosts,
            emails: emails,
            uris: [],
            notBefore: now + .seconds(-86_400),
            notAfter: now + .seconds(notAfter),
            isPurposeLimited: true,
            hasClientAuth: hasClientAuth,
            hasServerAuth: false,
            isAuthority: isAuthority,
            isSelfIssued: false,
            keyDescription: "EC P-256",
            weakness: weakness,
            anchorSHA256: anchor
        )
    }

    static func policy(_ rules: AccessRules, grants: [Grant] = []) -> AccessPolicy {
        AccessPolicy(rules, anchors: anchors, grants: grants, generation: 1)
    }

    static func person(_ id: String, _ rules: AccessRules) throws -> Person {
        let admin = try #require(rules.admin(id))
        return Person(admin: admin, rights: rules.rights(of: admin), validUntil: now + .seconds(86_400))
    }
}

/// Numbers that come one after the other, from a seed, to everybody who holds it.
final class Draws {
    private var generator: SeededGenerator
    init(seed: UInt64 = 1) { generator = SeededGenerator(seed: seed) }

    func next() -> UInt64 { generator.next() }

    func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
