// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Testing
import eigctl

@Suite("eigctl jump")
struct JumpTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private func run(_ words: String...) -> Ran {
        bench.run(["--control-jump=\(bench.path)/jump.sock", "--timeout=10s"] + words)
    }

    static let session: SessionItem = {
        var session = SessionItem(
            id: "01920f3e-7c1a-7000-8000-000000000001",
            who: "anna",
            target: "eig-01",
            port: 22,
            way: "connect",
            source: "192.0.2.7:51234",
            since: "2026-12-31T23:00:00.000Z",
            endsAt: "2027-01-01T01:00:00.000Z",
            bytesIn: 4096,
            bytesOut: 5_000_000_000,
            idleSeconds: 64,
            grant: "g-01",
            ticket: "NET-4711"
        )
        session.isBreakGlass = true
        return session
    }()

    @Test("targets is a table that says what is recorded")
    func targets() throws {
        let server = try bench.program("jump") { _ in ControlResponse(JumpConnectTests.targets) }
        defer { server.stop() }
        let ran = run("jump", "targets")
        #expect(ran.status == .ok)
        try expectGolden(ran.output, "jump-targets.txt")
        let json = try run("jump", "targets", "--json").document(TargetListDocument.self)
        #expect(json == JumpConnectTests.targets)
    }

    @Test("sessions is a table, once and again and again")
    func sessions() throws {
        let server = try bench.program("jump") { _ in
            ControlResponse(SessionListDocument(sessions: [Self.session]))
        }
        defer { server.stop() }
        let ran = run("jump", "sessions")
        #expect(ran.status == .ok)
        try expectGolden(ran.output, "jump-sessions.txt")
        #expect(run("jump", "sessions", "--watch=1").output == ran.output + ran.output)
        #expect(try run("jump", "sessions", "--json").document(SessionListDocument.self).sessions == [Self.session])
    }

    @Test("sessions of nobody are nothing, and a word where somebody watches")
    func nobody() throws {
        let server = try bench.program("jump") { _ in ControlResponse(SessionListDocument(sessions: [])) }
        defer { server.stop() }
        #expect(run("jump", "sessions").output.isEmpty)
        #expect(run("jump", "sessions", "--watch").output.hasPrefix("nobody is connected\n"))
    }

    @Test("kill names one session, with what to write down")
    func kill() throws {
        let asked = Asked()
        let server = try bench.program("jump") { request in
            asked.note(request)
            let note = try? NoteOrder(json: request.body).note
            return note == "wrong host"
                ? ControlResponse(SessionDocument(session: Self.session))
                : .failure(403, code: "no_right", message: "you lack the right sessions", hint: "ask anna")
        }
        defer { server.stop() }
        let ran = run("jump", "kill", "s-1", "--note", "wrong host")
        #expect(ran.status == .ok && ran.output == "anna is cut from eig-01:22\n")
        #expect(asked.all == ["POST /v1/sessions/s-1/kill"])
        let refused = run("jump", "kill", "s-1")
        #expect(refused.status == .refused && refused.error.contains("you lack the right sessions"))
        #expect(run("jump", "kill", "../status").status == .usage)
    }

    @Test("break-glass wants a reason, and says until when")
    func breakGlass() throws {
        let server = try bench.program("jump") { request in
            guard let order = try? BreakGlassOrder(json: request.body) else {
                return .failure(400, code: "x", message: "x")
            }
            var grant = GrantTests.grant(state: "active")
            grant.reason = order.reason
            grant.isBreakGlass = true
            grant.until = "2027-01-01T01:00:00.000Z"
            return ControlResponse(GrantDocument(grant: grant))
        }
        defer { server.stop() }
        #expect(run("jump", "break-glass").status == .usage)
        let ran = run("jump", "break-glass", "--reason", "gateway down")
        #expect(ran.output == "g-01: anna to eig-01:22, txn-db: break-glass, until 2027-01-01 01:00:00 UTC\n")
    }

    @Test("unlock tells a person from an address")
    func unlock() throws {
        let server = try bench.program("jump") { request in
            guard let order = try? UnlockOrder(json: request.body) else {
                return .failure(400, code: "x", message: "x")
            }
            guard let address = order.address else { return ControlResponse(UnlockDocument(unlocked: [])) }
            let item = LockoutItem(kind: "address", name: address, since: "a", until: "b", failures: 10)
            return ControlResponse(UnlockDocument(unlocked: [item]))
        }
        defer { server.stop() }
        #expect(run("jump", "unlock", "192.0.2.7").output == "address 192.0.2.7 may come again\n")
        #expect(run("jump", "unlock", "anna").output == "anna was not locked out\n")
    }

    @Test("ssh-config quotes for the shell and for ssh")
    func sshConfig() throws {
        let jump = ["--gate=jump.edge.example", "--cert=/keys/anna b/a.pem", "--key=/k'ey%", "--ca=/ca.pem"]
        let ran = bench.run(["jump", "ssh-config", "eig-01", "vpn-01"] + jump)
        #expect(
            ran.output == """
                # Through the gate jump.edge.example:9443
                Host eig-01 vpn-01
                    ProxyCommand eigctl jump connect --gate jump.edge.example:9443 --cert '/keys/anna b/a.pem' \
                --key '/k'\\''ey%%' --ca /ca.pem %h %p

                """,
            "\(ran.error)"
        )
        #expect(
            bench.run(["jump", "ssh-config", "--openssl", "eig-01"] + jump).error.contains("two rounds of quoting")
        )
        let plain = ["--gate=jump.edge.example:8443", "--cert=/a.pem", "--key=/a.key", "--ca=/ca.pem"]
        let openSSL = bench.run(["jump", "ssh-config", "--openssl", "eig-01"] + plain)
        try expectGolden(openSSL.output, "ssh-config-openssl.txt")
    }

    @Test("reads jump.toml: its own folder's files, errors with their place, another file by EIG_JUMP")
    func file() throws {
        try bench.write(
            """
            gate        = "jump.edge.example:9443"
            certificate = "anna.pem"
            key         = "~/anna.key"
            ca          = "/etc/ca.pem"

            """,
            to: "home/.config/eig/jump.toml"
        )
        bench.set("HOME", to: "\(bench.path)/home")
        let ran = bench.run(["jump", "ssh-config", "--openssl", "eig-01"])
        let folder = "\(bench.path)/home/.config/eig"
        #expect(ran.output.contains("-cert \(folder)/anna.pem -key \(bench.path)/home/anna.key "), "\(ran.error)")
        let plain = bench.run(["jump", "ssh-config", "eig-01"]).output
        #expect(plain.contains("    ProxyCommand eigctl jump connect %h %p\n"))

        try bench.write("gate = \"Jump:9443\"\nkeys = 1\n", to: "other.toml")
        bench.set("EIG_JUMP", to: "\(bench.path)/other.toml")
        let wrong = bench.run(["jump", "ssh-config", "eig-01"])
        #expect(wrong.status == .error)
        #expect(wrong.error.contains("other.toml:1:8: error:"), "\(wrong.error)")
        #expect(wrong.error.contains("unknown key `keys`"))
        bench.set("EIG_JUMP", to: "\(bench.path)/none.toml")
        #expect(bench.run(["jump", "whoami"]).error.contains("EIG_JUMP names it"))
    }

    @Test("says which gate is missing, and what does not go together")
    func place() {
        #expect(bench.run(["jump", "connect", "eig-01:22"]).error.contains("which gate?"))
        #expect(bench.run(["jump", "targets", "--cert=a"]).error.contains("`--cert` without a gate"))
        #expect(bench.run(["jump", "targets", "--gate=jump.example"]).error.contains("`--gate` needs `--cert`"))
        #expect(bench.run(["jump", "targets", "--gate=Jump/x"]).error.contains("`--gate` is `Jump/x`"))
        #expect(bench.run(["jump", "targets", "--gate=a", "--control-jump=b"]).status == .usage)
    }
}

@Suite("eigctl status of a gate")
struct GateStatusTests {
    @Test("has a line for the gate and one for the audit log, with who is locked out")
    func lines() throws {
        let bench = try Bench()
        let gate = VerdictTests.gate {
            $0.sessions.live = 3
            $0.grants.active = 2
            $0.grants.pending = 1
            $0.lockouts = [LockoutItem(kind: "address", name: "192.0.2.7", since: "a", until: "b", failures: 10)]
        }
        let audit = VerdictTests.audit { $0.log.fileCount = 1 }
        let servers = [
            try bench.program("jump") { _ in ControlResponse(gate) },
            try bench.program("audit") { _ in ControlResponse(audit) },
        ]
        defer { for server in servers { server.stop() } }
        let ran = bench.run("status")
        #expect(
            ran.output.contains(
                """
                jumpd gate 1: up 1s (pid 1), configuration 1, jump.example, 3 of 8,192 sessions, 2 grants active, 1 asked for
                  ! address 192.0.2.7 is locked out until b after 10 failures
                jumpd audit 1: up 1s (pid 1), writes /var/lib/eig-audit, line 1,234, 1 file, 0 B, copied to 192.0.2.140:6514

                """
            ),
            "\(ran.output)"
        )
        let json = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(json.gate == gate && json.audit == audit)
    }

    @Test("asks where jumpd.toml says, and its numbers are on the page")
    func placed() throws {
        let bench = try Bench()
        try bench.writeGateFolder()
        let path = "\(bench.path)/elsewhere.sock"
        let placed = Bench.gateFile.replacing("[gate]\n", with: "[gate]\ncontrol = \"\(path)\"\n")
            .replacing("[audit]\n", with: "[audit]\ncontrol = \"\(bench.path)/log.sock\"\n")
        try bench.write(placed, to: "etc/jumpd.toml")
        let gate = try bench.program("elsewhere") { request in
            request.path == "/v1/metrics"
                ? .text("eig_jump_sessions 3\n") : ControlResponse(SessionListDocument(sessions: []))
        }
        defer { gate.stop() }
        let folder = "--config=\(bench.path)/etc"
        #expect(bench.run(["jump", "sessions", "--json", folder]).status == .ok)
        let page = bench.run(["metrics", "jump", "audit", folder])
        #expect(page.output.contains("eig_jump_sessions 3\n"))
        #expect(page.output.contains("eig_program_up{program=\"jump\"} 1\n"))
        #expect(page.output.contains("eig_program_up{program=\"audit\"} 0\n"))
        #expect(page.status == .error && page.error.contains("\(bench.path)/log.sock"), "\(page.error)")
    }

    @Test("that jumpd.toml has and nobody answers for is a fault; one that it has not is none")
    func expected() throws {
        let bench = try Bench()
        try bench.writeGoodFolder()
        let without = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(without.gateError == nil && without.auditError == nil)
        try bench.writeGateFolder()
        let with = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(with.gateError?.code == "no_socket" && with.auditError?.code == "no_socket")
        #expect(!with.ok)
    }
}

@Suite("eigctl grant")
struct GrantTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private func run(_ words: String...) -> Ran {
        bench.run(["--control-jump=\(bench.path)/jump.sock", "--timeout=10s"] + words)
    }

    static func grant(state: String) -> GrantItem {
        GrantItem(
            id: "g-01",
            who: "anna",
            targets: ["eig-01:22", "txn-db"],
            state: state,
            reason: "replace a disk",
            ticket: "NET-4711",
            requestedAt: "2026-12-31T23:00:00.000Z",
            minutes: 120
        )
    }

    @Test("request asks for what was typed")
    func request() throws {
        let server = try bench.program("jump") { request in
            guard let order = try? GrantOrder(json: request.body), request.path == "/v1/grants" else {
                return .failure(400, code: "bad", message: "bad")
            }
            var grant = Self.grant(state: "pending")
            grant.targets = order.targets
            grant.minutes = order.minutes
            grant.reason = order.reason
            grant.ticket = order.ticket
            grant.from = order.from
            return ControlResponse(GrantDocument(grant: grant))
        }
        defer { server.stop() }
        let words = ["grant", "request", "eig-01:22", "rpt-01", "--for", "90m", "--reason", "r", "--ticket", "T-1"]
        let ran = bench.run(["--control-jump=\(bench.path)/jump.sock"] + words)
        #expect(ran.output == "g-01: anna to eig-01:22, rpt-01: asked for; somebody else has to approve it\n")
        let later = bench.run(
            ["--control-jump=\(bench.path)/jump.sock", "--json", "--from=2027-01-01T20:00Z"] + words
        )
        #expect(later.status == .usage, "an option of the verb stands behind it")
        let json = bench.run(
            ["--control-jump=\(bench.path)/jump.sock"] + words + ["--json", "--from=2027-01-01T20:00Z"]
        )
        let grant = try json.document(GrantDocument.self).grant
        #expect(grant.from == "2027-01-01T20:00:00.000Z" && grant.minutes == 90 && grant.ticket == "T-1")
    }

    static let wrong = [
        ["eig-01", "--for", "2h", "--reason", "r"], ["eig-01", "--for", "2h", "--ticket", "t"],
        ["eig-01", "--reason", "r", "--ticket", "t"], ["eig-01", "--for", "30s", "--reason", "r", "--ticket", "t"],
        ["eig-01", "--for", "2", "--reason", "r", "--ticket", "t"], ["--for", "2h", "--reason", "r", "--ticket", "t"],
        ["10.0.0.1/8", "--for", "2h", "--reason", "r", "--ticket", "t"],
        ["eig-01", "--for", "2h", "--reason", "r", "--ticket", "t", "--from", "tomorrow"],
        ["eig-01", "--for", "2h", "--reason", "r", "--ticket", "t", "--from", "2026-02-30T10:00Z"],
        ["eig-01", "--for", "2h", "--reason", "r", "--ticket", "t", "--from", "2026-02-20T24:00Z"],
    ]

    @Test("request without all that it needs is refused before anybody is asked", arguments: wrong)
    func refuses(_ words: [String]) {
        let ran = bench.run(["--control-jump=\(bench.path)/jump.sock", "grant", "request"] + words)
        #expect(ran.status == .usage, "\(ran.error)")
    }

    @Test("list is a table, and asks for a state that there is")
    func list() throws {
        let asked = Asked()
        var approved = Self.grant(state: "active")
        approved.decidedBy = "ben"
        approved.note = "as agreed"
        approved.until = "2027-01-01T01:00:00.000Z"
        var glass = Self.grant(state: "expired")
        glass.isBreakGlass = true
        glass.isReviewOpen = true
        let answer = GrantListDocument(grants: [Self.grant(state: "pending"), approved, glass], isCut: true)
        let server = try bench.program("jump") { request in
            asked.note(request)
            return ControlResponse(answer)
        }
        defer { server.stop() }
        try expectGolden(run("grant", "list", "--state", "pending").output, "grant-list.txt")
        #expect(asked.all == ["GET /v1/grants?state=pending"])
        #expect(run("grant", "list", "--state", "old").status == .usage)
    }

    @Test("decisions name one grant and say what became of it", arguments: ["approve", "deny", "revoke", "close"])
    func decisions(_ word: String) throws {
        let asked = Asked()
        let server = try bench.program("jump") { request in
            asked.note(request)
            var grant = Self.grant(
                state: ["approve": "active", "deny": "denied", "revoke": "revoked"][word] ?? "expired"
            )
            grant.until = "2027-01-01T01:00:00.000Z"
            if word == "close" { grant.closedBy = "ben" }
            return ControlResponse(GrantDocument(grant: grant, sessionsCut: word == "revoke" ? 2 : 0))
        }
        defer { server.stop() }
        let ran = run("grant", word, "g-01", "--note", "n")
        #expect(ran.status == .ok)
        #expect(asked.all == ["POST /v1/grants/g-01/\(word)"])
        let said = [
            "approve": "until 2027-01-01 01:00:00 UTC", "deny": "denied", "revoke": "revoked; 2 connections were cut",
            "close": "expired; its use was looked at by ben",
        ]
        #expect(ran.output == "g-01: anna to eig-01:22, txn-db: \(said[word] ?? "")\n")
        #expect(run("grant", word, "g/01").status == .usage)
    }

    @Test("a decision the gate does not allow ends with 3")
    func refused() throws {
        let server = try bench.program("jump") { _ in
            .failure(403, code: "own_request", message: "nobody approves what they asked for", hint: "ask ben")
        }
        defer { server.stop() }
        let ran = run("grant", "approve", "g-01")
        #expect(ran.status == .refused && ran.error.contains("hint: ask ben"))
    }
}
