// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Testing
import eigctl

@Suite("eigctl check")
struct CheckTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    @Test("is silent when nothing is wrong")
    func good() throws {
        try bench.writeGoodFolder()
        let ran = bench.run("check")
        #expect(ran.status == .ok)
        #expect(ran.output.isEmpty)
        #expect(ran.error.isEmpty)
        #expect(bench.run("check", "\(bench.path)/etc/partners.d/payfast.toml").status == .ok)
    }

    @Test("shows file, line, column, the line, a caret and the mend")
    func caret() throws {
        try bench.writeGoodFolder()
        let bad = Bench.partner.replacing("ticket = ", with: "tikcet = ").replacing(
            "203.0.113.10",
            with: "203.0.113.300"
        )
        try bench.write(bad, to: "etc/partners.d/payfast.toml")
        let path = "\(bench.path)/etc/partners.d/payfast.toml"
        for ran in [bench.run("check"), bench.run("check", path)] {
            #expect(ran.status == .error)
            #expect(ran.output.isEmpty)
            #expect(ran.error.contains("\(path):5:1: error: unknown key `tikcet` [E-UNKNOWN-KEY]\n 5 | tikcet"))
            #expect(ran.error.contains("\n   | ^\n  hint: did you mean `ticket`?\n"))
            #expect(ran.error.contains("\(path):8:11: error: "))
            #expect(ran.error.contains("\n 8 | from   = [\"203.0.113.300\"]\n   |           ^\n"))
            #expect(!ran.error.contains("\u{1b}"))
        }
    }

    @Test("says the same in JSON")
    func json() throws {
        try bench.writeGoodFolder()
        try bench.write(Bench.partner + "nonsense = 1\n", to: "etc/partners.d/payfast.toml")
        let ran = bench.run("check", "--json")
        #expect(ran.status == .error)
        #expect(ran.error.isEmpty)
        let document = try ran.document(DiagnosticsDocument.self)
        #expect(!document.ok)
        #expect(document.diagnostics.first?.code == "E-UNKNOWN-KEY")
        #expect(document.diagnostics.first?.file == "\(bench.path)/etc/partners.d/payfast.toml")
        #expect(document.diagnostics.first?.line == 14)
        #expect(document.diagnostics.first?.column == 1)
    }

    @Test("checks what the files name, and each file against the others")
    func references() throws {
        try bench.write(Bench.partner, to: "etc/partners.d/payfast.toml")
        let missing = bench.run("check")
        #expect(missing.status == .error)
        #expect(missing.error.contains("there is no file ca/payfast-ca.pem"))

        try bench.writeGoodFolder()
        let twin = Bench.partner.replacing("\"payfast\"", with: "\"twin\"")
        try bench.write(twin, to: "etc/partners.d/twin.toml")
        let clash = bench.run("check")
        #expect(clash.status == .error)
        #expect(clash.error.contains("203.0.113.10"))
    }

    @Test("fails on warnings only when it is strict")
    func strict() throws {
        try bench.writeGoodFolder()
        let late = Bench.partner.replacing("egress\"\n", with: "egress\"\nuntil  = 2025-12-31\n")
        try bench.write(late, to: "etc/partners.d/payfast.toml")
        let lenient = bench.run("check")
        #expect(lenient.error.contains("warning"))
        #expect(lenient.status == .ok)
        #expect(bench.run("check", "--strict").status == .error)
        #expect(try bench.run("check", "--strict", "--json").document(DiagnosticsDocument.self).ok == false)
    }

    @Test("knows eigd.toml and jumpd.toml by name")
    func otherFiles() throws {
        try bench.write("nonsense = 1\n", to: "eigd.toml")
        try bench.write("nonsense = 1\n", to: "jumpd.toml")
        #expect(bench.run("check", "\(bench.path)/eigd.toml").error.contains("`listen` is missing"))
        #expect(bench.run("check", "\(bench.path)/jumpd.toml").error.contains("`host` is missing"))
        try bench.write("nonsense = 1\n", to: "jump.toml")
        #expect(bench.run("check", "\(bench.path)/jump.toml").error.contains("`gate` is missing"))
    }

    @Test("paints only where colours are wanted")
    func colours() throws {
        try bench.write("nonsense = 1\n", to: "eigd.toml")
        let ran = bench.run(["check", "\(bench.path)/eigd.toml"], usesColour: true)
        #expect(ran.error.contains("\u{1b}[1;31merror\u{1b}[0m"))
    }

    @Test("says so when there is nothing to read")
    func absent() {
        let folder = bench.run("check")
        #expect(folder.status == .error)
        #expect(folder.error.contains("\(bench.path)/etc: No such file or directory"))
        let file = bench.run("check", "\(bench.path)/x.toml")
        #expect(file.status == .error)
        #expect(file.error.contains("\(bench.path)/x.toml: No such file or directory"))
    }

    /// The text of a check of the whole folder.
    func check(on day: (year: Int, month: Int, day: Int) = (2027, 1, 1)) throws -> Ran {
        let now = try #require(WallInstant(year: day.year, month: day.month, day: day.day))
        return bench.run(["check", "--config=\(bench.path)/etc"], now: now)
    }

    @Test("warns of certificates that have ended, end soon or have not begun")
    func dates() throws {
        try bench.writeGoodFolder()
        let subject = "ca/payfast-ca.pem: CN=PayFast test CA"
        #expect(try check().error.isEmpty)
        for (day, says) in [
            ((2126, 10, 1), "ends on 2126-10-"), ((2127, 1, 1), "ended on"), ((2026, 1, 1), "begins on"),
        ] {
            let ran = try check(on: day)
            #expect(ran.status == .ok)
            #expect(ran.error.contains("warning: \(subject) \(says)"), "\(ran.error)")
        }
    }

    @Test("refuses an authority that is none")
    func notAuthority() throws {
        try bench.writeGoodFolder()
        try bench.write(Bench.leafCertificate, to: "etc/ca/payfast-ca.pem")
        let ran = try check()
        #expect(ran.status == .error)
        #expect(ran.error.contains("error: ca/payfast-ca.pem: CN=leaf.example may not issue certificates"))
        #expect(ran.error.contains("ca  = \"payfast-ca.pem\"\n"))
        try bench.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "etc/ca/payfast-ca.pem")
        #expect(try check().error.contains("not a certificate"))
    }

    @Test("refuses a certificate with another's key")
    func otherKey() throws {
        try bench.writeGoodFolder()
        let callbacks = """
            [callbacks]
            url = "https://c.payfast.example/x"
            to = ["203.0.113.20"]
            identity = "payfast-out"

            """
        try bench.write(Bench.partner + callbacks, to: "etc/partners.d/payfast.toml")
        try bench.write(Bench.leafCertificate, to: "etc/identities/payfast-out.pem")
        try bench.write(Bench.leafKey, to: "etc/identities/payfast-out.key")
        #expect(try check().error.isEmpty)
        try bench.write(Bench.otherKey, to: "etc/identities/payfast-out.key")
        let ran = try check()
        #expect(ran.status == .error)
        #expect(ran.error.contains("identities/payfast-out.key: the private key belongs to another certificate"))
    }
}
