// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("The partner file")
struct PartnerFileTests {
    static let short = """
        id = "acme"
        name = "Acme"
        roles = ["receive"]
        owner = "ops"
        ticket = "T-1"
        [[allow]]
        from = ["192.0.2.7"]
        reason = "egress"
        [[certificate]]
        ca = "acme.pem"
        san = "edge.acme.example"
        """

    @Test("needs little; the rest has defaults")
    func defaults() throws {
        let outcome = PartnerFile.parse(Self.short, fileName: "acme.toml")
        #expect(outcome.diagnostics == [])
        let partner = try #require(outcome.partner)
        #expect(partner.isEnabled)
        #expect(partner.roles == [.receive])
        #expect(partner.allow.map { $0.from.map(\.description) } == [["192.0.2.7"]])
        #expect(partner.allow.first?.via == nil && partner.allow.first?.until == nil)
        #expect(partner.certificates.first?.keyUsage == .clientAuth)
        #expect(partner.certificates.first?.pin == nil)
        #expect(partner.revoked == [])
        #expect(partner.credential == .none)
        #expect(partner.limits == .standard)
        #expect(partner.callbacks == nil && partner.outward == nil && partner.tunnels == [])
        #expect(partner.inbound.profile == .plain)
    }

    @Test("says everything about the example partner")
    func everything() throws {
        let outcome = try PartnerFile.parse(Examples.text("partners.d/payfast.toml.example"), fileName: "payfast.toml")
        let partner = try #require(outcome.partner)
        #expect(partner.id.rawValue == "payfast")
        #expect(partner.revoked == [RevokedCertificate("0a1b2c3d")])
        #expect(partner.allow[0].from.map(\.description) == ["203.0.113.10", "203.0.113.64/28", "2001:db8:5::/64"])
        #expect(partner.allow[0].until?.rfc3339 == "2099-07-01T00:00:00.000Z")
        #expect(partner.allow[1].via == "t1")
        #expect(partner.certificates[0].pin?.description.hasPrefix("sha256:6a94f87e") == true)
        #expect(partner.credential.scheme == .terrapay && partner.credential.file == "payfast.credential")
        #expect(partner.limits.requestsPerSecond == 200 && partner.limits.burst == 400)
        let callbacks = try #require(partner.callbacks)
        #expect(callbacks.url.description == "https://callbacks.payfast.example/terrapay")
        #expect(callbacks.profile == .terrapay && callbacks.timeout == .seconds(15))
        #expect(callbacks.giveUpAfter == .seconds(72 * 3600))
        #expect(partner.inbound.profile == .terrapay)
        #expect(partner.tunnels[0].authentication == .sharedSecret(file: "payfast-t1.psk"))
        #expect(partner.origins["allow[1].via"].description == "payfast.toml:41:7")
        #expect(partner.origins["nothing.here"].description == "payfast.toml:1:1")
    }

    @Test("takes our authority for its servers from the first certificate, and its burst from its rate")
    func derived() throws {
        let extra = """

            [limits]
            requests-per-second = 7
            [outward]
            url = "https://192.0.2.9"
            to = ["192.0.2.8/31"]
            identity = "acme-out"
            """
        let partner = try #require(PartnerFile.parse(Self.short + extra, fileName: "acme.toml").partner)
        #expect(partner.limits.burst == 14)
        #expect(partner.outward?.ca == "acme.pem")
        #expect(partner.outward?.timeout == .seconds(30))
    }

    @Test("is the same partner wherever its lines stand")
    func moved() {
        let moved = "# a comment\n\n" + Self.short
        let one = PartnerFile.parse(Self.short, fileName: "acme.toml").partner
        let two = PartnerFile.parse(moved, fileName: "acme.toml").partner
        #expect(one != nil && one == two)
        #expect(one?.origins["id"].line == 1 && two?.origins["id"].line == 3)
    }

    @Test("collects every mistake, in the order of the file")
    func many() {
        let text = """
            id = "Acme"
            nmae = "Acme"
            roles = []
            [[allow]]
            from = ["192.0.2.7/24", "x"]
            [[certificate]]
            """
        let outcome = PartnerFile.parse(text, fileName: "partners.d/acme.toml")
        #expect(outcome.partner == nil)
        let shown = outcome.diagnostics.map { "\($0.line):\($0.column) \($0.code.rawValue)" }
        #expect(
            shown == [
                "1:1 E-MISSING-KEY", "1:1 E-MISSING-KEY", "1:1 E-MISSING-KEY", "1:6 E-ID", "2:1 E-UNKNOWN-KEY",
                "3:9 E-COUNT", "4:1 E-MISSING-KEY", "5:9 E-PREFIX-HOST-BITS", "5:25 E-PREFIX", "6:1 E-MISSING-KEY",
                "6:1 E-MISSING-KEY",
            ]
        )
    }

    @Test("warns without refusing")
    func warnings() {
        let text = Self.short.replacing("[\"192.0.2.7\"]", with: "[\"10.0.0.0/8\", \"10.1.0.0/16\"]")
        let outcome = PartnerFile.parse(text, fileName: "acme.toml")
        #expect(outcome.partner != nil)
        #expect(outcome.diagnostics.map(\.code) == [.prefixDoubtful, .allowRedundant])
    }

    @Test("is refused for each mistake, at its place, with a mend", arguments: PartnerMistakes.all)
    func refused(_ mistake: Mistake) throws {
        let text = try mistake.edited(Examples.text("partners.d/payfast.toml.example"))
        let outcome = PartnerFile.parse(text, fileName: "partners.d/payfast.toml")
        mistake.expect(outcome.diagnostics, in: text)
        #expect((outcome.partner == nil) == (mistake.code.severity == .error))
    }
}
