// SPDX-License-Identifier: Apache-2.0
import Control
import LinuxIO
import Testing
import eigctl

@Suite("eigctl jump whoami")
struct WhoamiTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private func run(_ words: String...) -> Ran {
        bench.run(["--control-jump=\(bench.path)/jump.sock", "--timeout=10s"] + words)
    }

    @Test("says who one is, by which certificate, and what one may do now")
    func whoami() throws {
        var answer = WhoamiDocument(
            who: "anna",
            how: "certificate",
            source: "192.0.2.7:1",
            gate: "jump.example",
            version: "1"
        )
        answer.name = "Anna Bauer"
        answer.roles = ["network"]
        answer.rights = ["approve", "sessions"]
        answer.certificate = .init(
            subject: "CN=anna",
            issuer: "CN=Administrators",
            serial: "0a",
            fingerprint: "sha256:00",
            notBefore: "2026-06-01T00:00:00.000Z",
            notAfter: "2027-06-01T00:00:00.000Z",
            daysLeft: 151,
            matchedName: "anna@edge.example",
            matchedKind: "rfc822Name",
            authority: "admins-ca.pem"
        )
        var grant = GrantTests.grant(state: "active")
        grant.until = "2027-01-01T01:00:00.000Z"
        answer.grants = [grant]
        let shown = answer
        let server = try bench.program("jump") { _ in ControlResponse(shown) }
        defer { server.stop() }
        let ran = run("jump", "whoami")
        #expect(ran.status == .ok)
        try expectGolden(ran.output, "jump-whoami.txt")
        #expect(try run("jump", "whoami", "--json").document(WhoamiDocument.self) == shown)
    }

    @Test("says by which account one is known on the host, and whose word that is")
    func whoamiOnTheHost() throws {
        var answer = WhoamiDocument(who: nil, how: "login", source: "root", gate: "jump.example", version: "1")
        answer.reason = "root is nobody in particular"
        answer.hint = "ask without sudo"
        answer.login = .init(account: "root", uid: 0, loggedInAs: "anna", isClaimed: true)
        let shown = answer
        let server = try bench.program("jump") { _ in ControlResponse(shown) }
        defer { server.stop() }
        let ran = run("jump", "whoami")
        #expect(ran.status == .ok)
        try expectGolden(ran.output, "jump-whoami-host.txt")
    }
}
