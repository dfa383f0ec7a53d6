// SPDX-License-Identifier: Apache-2.0
import Access
import Base
import Partners
import Testing

@testable import TLS

/// A gate with five administrators, and certificates for them.
enum AccessWorld {
    static let text = """
        [host]
        addresses = ["203.0.113.1"]
        [management]
        from = ["192.0.2.0/24", "2001:db8:1::/48"]
        ports = [9443]
        [partners]
        ports = [8443]
        [internal]
        from = ["10.20.0.0/24"]
        ports = [8080]
        [gate]
        listen = ["0.0.0.0:9443"]
        name = "jump.edge.example"
        certificate = "jump.pem"
        key = "jump.key"
        revoked = ["0bad"]
        [audit]
        key = "audit.key"

        [[admin]]
        id = "anna"
        name = "Anna Bauer"
        roles = ["network"]
        ca = "admins.pem"
        san = "anna@edge.example"
        login = "anna"
        [[admin]]
        id = "ben"
        name = "Ben Okoro"
        roles = ["network", "databases"]
        ca = "admins.pem"
        san = "ben.edge.example"
        from = ["192.0.2.16/28"]
        until = 2026-12-31
        [[admin]]
        id = "carl"
        name = "Carl Lind"
        roles = ["audit"]
        ca = "admins.pem"
        san = "carl@edge.example"
        pin = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
        [[admin]]
        id = "gone"
        name = "Gone Away"
        roles = ["network"]
        ca = "admins.pem"
        san = "gone@edge.example"
        login = "gone"
        enabled = false
        [[admin]]
        id = "sealed"
        name = "The envelope in the safe"
        roles = ["network", "databases"]
        ca = "admins.pem"
        san = "sealed@edge.example"
        break-glass = true

        [[role]]
        id = "network"
        targets = ["eig-01:22", "vpn-01"]
        may = ["approve", "sessions"]
        [[role]]
        id = "databases"
        targets = ["txn-db"]
        [[role]]
        id = "audit"
        may = ["audit"]

        [[target]]
        id = "eig-01"
        address = "10.20.0.11"
        ports = [22, 8443]
        reason = "the gateway"
        idle = "30m"
        [[target]]
        id = "vpn-01"
        address = "10.20.0.12"
        ports = [22, 443]
        reason = "the tunnels"
        [[target]]
        id = "txn-db"
        address = "10.20.0.20"
        ports = [5432]
        protocol = "postgresql"
        reason = "stuck transfers"
        """

    static func rules(_ edits: (old: String, new: String)...) throws -> AccessRules {
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
            isAuthority: false,
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

/// Numbers that come one after the other, from a seed.
final class Draws {
    private var state: UInt64
    init(seed: UInt64 = 1) { state = seed }

    /// SplitMix64.
    func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
