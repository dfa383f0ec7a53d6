// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import TestKit
import Testing
import eigctl

@Suite("eigctl cert")
struct CertificateTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    static func partner(_ id: String, _ ca: String, more: String = "") -> String {
        Bench.partner.replacing("payfast-ca.pem", with: ca).replacing("\"payfast\"", with: "\"\(id)\"") + more
    }

    static let callbacks = """

        [callbacks]
        url      = "https://callbacks.payfast.example/x"
        to       = ["203.0.113.20"]
        profile  = "terrapay"
        identity = "payfast-out"

        """

    /// Certificates that end in so many days.
    func write(server: Int, authority: Int, identity: Int) throws {
        func pem(_ recipe: Recipe, _ days: Int) -> String {
            String(
                decoding: Minted.make(recipe.with { $0.notAfter = days * 86_400 + 3600 }).certificatePEM,
                as: UTF8.self
            )
        }
        try bench.write(try ManualTests.text("etc/eigd.toml"), to: "etc/eigd.toml")
        try bench.write(pem(.leaf("edge.example.net"), server), to: "etc/identities/edge.pem")
        try bench.write(pem(.leaf("out.example"), identity), to: "etc/identities/payfast-out.pem")
        try bench.write(pem(.authority("PayFast CA"), authority), to: "etc/ca/payfast-ca.pem")
        try bench.write(
            Self.partner("payfast", "payfast-ca.pem", more: Self.callbacks),
            to: "etc/partners.d/payfast.toml"
        )
    }

    func run(_ arguments: String...) -> Ran { bench.run(["--config=\(bench.path)/etc"] + arguments, now: Clock.wall()) }

    /// Root needs a group that is there; nobody else may name one.
    func csr(_ arguments: String...) -> Ran {
        bench.run(["--config=\(bench.path)/etc", "cert", "csr"] + SetupTests.group + arguments)
    }

    @Test("list shows ours and the partners', the first to end first")
    func list() throws {
        try write(server: 200, authority: 10, identity: 40)
        let ran = run("cert", "list")
        #expect(ran.status == .ok && ran.error.isEmpty, "\(ran.error)")
        let lines = ran.output.split(separator: "\n").dropFirst().map {
            $0.split(separator: " ").prefix(3).joined(separator: " ")
        }
        #expect(
            lines == ["partner-ca payfast-ca.pem payfast", "identity payfast-out.pem payfast", "server edge.pem -"]
        )
        let document = try run("cert", "list", "--json").document(CertificateListDocument.self)
        #expect(document.certificates.map(\.daysLeft) == [10, 40, 200])
    }

    @Test("expiring tells what ends in time by its exit status, and nothing when nothing does")
    func expiring() throws {
        try write(server: 200, authority: 10, identity: 40)
        let soon = run("cert", "expiring")
        #expect(soon.status == .pending)
        #expect(soon.output.contains("payfast-ca.pem") && !soon.output.contains("payfast-out.pem"))
        #expect(soon.journal.isEmpty)
        #expect(run("cert", "expiring", "--days", "41").output.contains("payfast-out.pem"))
        let none = run("cert", "expiring", "--days=10")
        #expect(none.status == .ok && none.output.isEmpty && none.error.isEmpty)
        try write(server: -3, authority: 100, identity: 100)
        let ended = run("cert", "expiring", "--days=0")
        #expect(ended.status == .pending && ended.output.contains("ended"), "\(ended.output)")
        #expect(run("cert", "expiring", "--days=x").status == .usage)
    }

    @Test("expiring writes the journal an entry for each, with fields to look for")
    func journal() throws {
        try write(server: 5, authority: 10, identity: 400)
        let ran = run("cert", "expiring", "--journal")
        #expect(ran.status == .pending)
        let entries = ran.journal.map { $0.split(separator: "\n").map(String.init) }
        #expect(entries.count == 2)
        #expect(entries[0].contains("CERTIFICATE=identities/edge.pem") && entries[0].contains("DAYS_LEFT=5"))
        #expect(!entries[0].contains { $0.hasPrefix("PARTNER=") })
        #expect(entries[1].contains("PARTNER=payfast") && entries[1].contains("PRIORITY=4"))
        #expect(
            entries[1].contains { $0.hasPrefix("MESSAGE=partner-ca certificate of payfast ends on ") },
            "\(entries)"
        )
    }

    @Test("says what could not be read, shows the rest, and ends with 1")
    func broken() throws {
        try write(server: 200, authority: 10, identity: 40)
        try bench.write("id = \n", to: "etc/partners.d/broken.toml")
        try bench.write(Self.partner("other", "none.pem"), to: "etc/partners.d/other.toml")
        try bench.write("no certificate", to: "etc/identities/payfast-out.pem")
        let ran = run("cert", "list")
        #expect(ran.status == .error)
        #expect(ran.output.contains("payfast-ca.pem"))
        #expect(ran.error.contains("partners.d/broken.toml has errors: see `eigctl check`"), "\(ran.error)")
        #expect(ran.error.contains("ca/none.pem: there is no such file"))
        #expect(ran.error.contains("identities/payfast-out.pem: no CERTIFICATE block in it"))
        #expect(run("cert", "expiring").status == .error)
        #expect(!(try run("cert", "list", "--json").document(CertificateListDocument.self).ok))
    }

    @Test("csr keeps a key and asks for a client's certificate, or a server's for the server")
    func requests() throws {
        try bench.write(try ManualTests.text("etc/eigd.toml"), to: "etc/eigd.toml")
        func told(_ name: String) throws -> String {
            try ChildProcess.run([
                "openssl", "req", "-in", "\(bench.path)/etc/identities/\(name).csr", "-noout", "-text",
            ])
            .outputText
        }
        let ran = csr("payfast-out", "--names=out.example", "--json")
        #expect(ran.status == .ok, "\(ran.output)")
        #expect(try told("payfast-out").contains("TLS Web Client Authentication"))
        #expect(try told("payfast-out").contains("DNS:out.example\n"))
        let key = try FileStore.read("\(bench.path)/etc/identities/payfast-out.key")
        #expect(csr("payfast-out", "--names=b.example").status == .ok)
        #expect(try FileStore.read("\(bench.path)/etc/identities/payfast-out.key") == key)
        #expect(try FileStore.status("\(bench.path)/etc/identities/payfast-out.key").mode == 0o640)
        #expect(csr("edge").status == .ok)
        #expect(try told("edge").contains("TLS Web Server Authentication"))
        #expect(try told("edge").contains("DNS:edge.example.net\n"))
        for name in ["../x", ".x", "a b", ""] { #expect(csr(name).status == .usage) }
    }
}
