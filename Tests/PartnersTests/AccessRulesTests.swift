// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("Administrators in jumpd.toml")
struct AccessRulesTests {
    @Test("say everything about the example")
    func everything() throws {
        let file = try #require(HostFile.parse(Examples.gateText()).file)
        let rules = try #require(file.access)
        #expect(rules.gate.listen.map(\.description) == ["0.0.0.0:9443", "[::]:9443"])
        #expect(rules.gate.name == "jump.edge.example" && rules.gate.key == "jump.key")
        #expect(rules.gate.revoked == [.serial("a1b2c")])
        #expect(rules.gate.idle == .seconds(900) && rules.gate.longest == .seconds(8 * 3600))
        #expect(rules.lockout == LockoutRule() && rules.grants == GrantRule())
        #expect(file.audit == rules.audit && rules.audit.keep == .seconds(365 * 86_400))
        #expect(rules.audit.keepBytes == 16 << 30)
        #expect(rules.audit.forward?.to.description == "192.0.2.140:6514")
        #expect(rules.audit.forward?.certificate == "jump-logs.pem")
        let anna = try #require(rules.admin("anna"))
        #expect(anna.san == .email("anna@edge.example") && anna.login == "anna" && anna.pins.count == 1)
        #expect(anna.from.map(\.description) == ["192.0.2.16/28"])
        #expect(anna.until == WallInstant(year: 2027, month: 7, day: 1))
        #expect(rules.rights(of: anna) == Set(AccessRight.allCases))
        let ben = try #require(rules.admin("ben"))
        #expect(rules.destinations(of: ben).map(\.description) == ["eig-01:22", "txn-db"])
        let database = try #require(rules.target("txn-db"))
        #expect(database.wire == .postgresql && database.tls?.name == "txn-db.inside")
        #expect(rules.target("eig-01")?.idle == .seconds(900))
    }

    @Test("are none, and no error, without [gate]")
    func none() throws {
        let file = try #require(HostFile.parse(Examples.text("jumpd.toml")).file)
        #expect(file.access == nil && file.audit == nil)
        let audit = try Examples.text("jumpd.toml") + "\n[audit]\nkey = \"audit.key\"\n"
        #expect(HostFile.parse(audit).file?.audit?.folder == AuditRule.folderDefault)
    }

    @Test("have the defaults that the example shows")
    func defaults() throws {
        let optional = ["connections", "sessions-per-person", "handshakes-", "workers", "control", "events", "folder"]
        let lines = try Examples.gateText().components(separatedBy: "\n").filter { line in
            !(optional + ["keep", "failures", "for = ", "pending", "break-glass", "longest", "idle = ", "enabled"])
                .contains { line.hasPrefix($0) }
        }
        let full = try #require(HostFile.parse(Examples.gateText()).file)
        var short = try #require(HostFile.parse(lines.joined(separator: "\n")).file)
        #expect(short.access?.target("eig-01")?.idle == nil)
        short.access?.targets[0].idle = .seconds(900)
        short.access?.targets[0].longest = .seconds(8 * 3600)
        #expect(short == full)
    }

    @Test("load without a word, with their authorities apart from those of partners")
    func load() throws {
        let source = try Examples.gateSource()
        for requirement in [[], [.gate], [.host], [.gateway], [.host, .gateway]] as [Set<Configuration.Requirement>] {
            let outcome = Configuration.load(from: source, now: Examples.now, requiring: requirement)
            #expect(outcome.diagnostics == [])
            #expect(outcome.configuration?.adminAuthorities.keys.sorted() == ["admins-ca.pem"])
            #expect(outcome.configuration?.authorities["admins-ca.pem"] == nil)
        }
    }

    @Test("are refused for each mistake, at its place, with a mend", arguments: mistakes)
    func refused(_ mistake: Mistake) throws {
        let text = try mistake.edited(Examples.gateText())
        let outcome = HostFile.parse(text)
        mistake.expect(outcome.diagnostics, in: text)
        #expect((outcome.file == nil) == (mistake.code.severity == .error))
    }

    @Test("and what they name are judged as one", arguments: cases)
    func judged(_ testCase: ConfigurationTests.Case) throws {
        var source = try Examples.gateSource()
        testCase.change(&source)
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway, .host])
        let shown = outcome.diagnostics.map { "\($0.file) \($0.excerpt) \($0.code.rawValue)" }
        #expect(shown == testCase.want, "\(DiagnosticRenderer().text(outcome.diagnostics))")
        #expect((outcome.configuration == nil) == outcome.diagnostics.hasErrors)
    }

    @Test("are required by the gate, which must be able to read what it works with and nothing else")
    func reader() throws {
        func codes(_ change: (inout MemorySource) -> Void) throws -> [DiagnosticCode] {
            var source = try Examples.gateSource()
            change(&source)
            return Configuration.load(from: source, now: Examples.now, requiring: [.gate]).diagnostics.map(\.code)
        }
        #expect(try codes { $0.files["jumpd.toml"] = nil } == [.fileMissing])
        let plain = try Examples.text("jumpd.toml")
        #expect(try codes { $0.files["jumpd.toml"] = .init(plain) } == [.missingKey])
        #expect(try codes { $0.files["identities/jump.key"]?.isForbidden = true } == [.fileUnreadable])
        #expect(try codes { $0.files["ca/admins-ca.pem"]?.isForbidden = true } == [.fileUnreadable, .fileUnreadable])
        #expect(try codes { $0.files["identities/edge.key"]?.isForbidden = true } == [])
        #expect(try codes { $0.files["identities/audit.key"]?.isForbidden = true } == [])
        #expect(
            try codes { $0.edit("jumpd.toml", "\"jump.key\"", "\"credential:jump\"") } == [.credentialMissing]
        )
    }

    @Test("lead nobody to an address that is no target's", arguments: forbidden)
    func address(_ address: String) throws {
        let text = try Examples.gateText().replacing("\"10.20.0.11\"", with: "\"\(address)\"")
        let outcome = HostFile.parse(text)
        #expect(outcome.diagnostics.map(\.code) == [.targetAddress])
        #expect(outcome.diagnostics.first?.excerpt == "address = \"\(address)\"")
    }

    static let forbidden = [
        "0.0.0.0", "::", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "169.254.169.254", "169.254.0.1",
        "fe80::1", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "ff02::1", "255.255.255.255", "203.0.113.1",
        "2001:db8::1", "203.0.113.2", "::ffff:203.0.113.1",
    ]

    struct Name: Sendable, CustomTestStringConvertible {
        let text: String
        let name: TargetName?
        var testDescription: String { text }

        init(_ text: String, _ name: TargetName?) {
            self.text = text
            self.name = name
        }
    }

    @Test("name targets, never addresses", arguments: names)
    func name(_ name: Name) {
        let found = TargetName(name.text)
        #expect(found == name.name)
        if let found { #expect(found.description == name.text) }
    }

    static let names: [Name] = [
        Name("eig-01:22", TargetName(target: "eig-01", port: 22)), Name("txn-db", TargetName(target: "txn-db")),
        Name("a:65535", TargetName(target: "a", port: 65_535)), Name("", nil), Name(":22", nil), Name("a:", nil),
        Name("a:0", nil), Name("a:022", nil), Name("a:65536", nil), Name("a:+22", nil), Name("a:22:22", nil),
        Name("10.20.0.11:22", nil), Name("10.20.0.11", nil), Name("[::1]:22", nil), Name("::1", nil),
        Name("1a:22", nil), Name("2130706433:22", nil), Name("0x7f000001", nil), Name("A:22", nil),
        Name("a.b:22", nil), Name("a_b", nil), Name("a-", nil), Name("a b", nil), Name("a\u{0}", nil),
        Name("ä", nil), Name(String(repeating: "a", count: 64), nil),
    ]
}
