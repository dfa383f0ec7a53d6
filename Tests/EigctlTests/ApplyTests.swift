// SPDX-License-Identifier: Apache-2.0
import Control
import LinuxIO
import Testing
import eigctl

@Suite("eigctl plan and apply")
struct ApplyTests {
    let bench: Bench
    let asked = Asked()

    init() throws {
        bench = try Bench()
        try bench.writeGoodFolder()
    }

    static let added = ChangeItem(.add, partner: "payfast", text: "allow 203.0.113.9 -> 8443")
    static let removed = ChangeItem(
        .remove,
        partner: "acme",
        text: "certificate old-2025",
        disruption: "3 live connections will be cut"
    )

    /// A program that would make `changes`, and refuses the paths in `refused`.
    func program(
        _ name: String,
        changes: [ChangeItem] = [],
        refusing refused: [String: ControlResponse] = [:]
    ) throws -> ControlServer {
        let asked = asked
        return try bench.program(name) { request in
            asked.note(request)
            let isCheck = request.query["check"] == "1"
            if let refusal = refused[isCheck ? "\(request.path)?check=1" : request.path] { return refusal }
            let isApplied = request.path != "/v1/plan" && !isCheck
            return ControlResponse(
                ChangeDocument(isApplied: isApplied, changes: changes, generation: isApplied ? 5 : 4)
            )
        }
    }

    static let planOnly = ["POST /v1/plan", "POST /v1/reload?check=1"]
    static let everything = planOnly + ["POST /v1/apply", "POST /v1/reload"]

    @Test("plan shows what would change, changes nothing, and ends with 2")
    func plan() throws {
        let servers = [try program("enforce", changes: [Self.added, Self.removed]), try program("eigd")]
        let ran = bench.run("plan")
        #expect(ran.status == .pending)
        #expect(
            ran.output == """
                jumpd enforce would change:
                  + payfast: allow 203.0.113.9 -> 8443
                  - acme: certificate old-2025 (3 live connections will be cut)

                """
        )
        #expect(asked.all == Self.planOnly)
        let json = try bench.run("plan", "--json").document(ChangesDocument.self)
        #expect(!json.isApplied)
        #expect(json.programs.map(\.program) == ["jumpd enforce", "eigd"])
        #expect(json.programs[0].changes == [Self.added, Self.removed])
        for server in servers { server.stop() }
    }

    @Test("plan is silent and ends with 0 when there is nothing to do")
    func nothingToDo() throws {
        let servers = [try program("enforce"), try program("eigd")]
        let ran = bench.run("plan")
        #expect(ran.status == .ok)
        #expect(ran.output.isEmpty && ran.error.isEmpty)
        for server in servers { server.stop() }
    }

    @Test("apply asks both before either changes, the enforcer first")
    func apply() throws {
        let servers = [
            try program("enforce", changes: [Self.added]),
            try program("eigd", changes: [ChangeItem(.add, partner: "payfast", text: "new partner")]),
        ]
        let ran = bench.run("apply")
        #expect(ran.status == .ok)
        #expect(asked.all == Self.everything)
        #expect(
            ran.output == """
                jumpd enforce changed:
                  + payfast: allow 203.0.113.9 -> 8443
                eigd changed:
                  + payfast: new partner

                """
        )
        for server in servers { server.stop() }
    }

    @Test("a broken file stops apply before anybody is asked")
    func brokenFile() throws {
        let servers = [try program("enforce"), try program("eigd")]
        try bench.write("id = 7\n", to: "etc/partners.d/payfast.toml")
        let ran = bench.run("apply")
        #expect(ran.status == .error)
        #expect(ran.error.contains("payfast.toml:1:6: error:"))
        #expect(ran.error.contains("nothing was changed"))
        #expect(asked.all.isEmpty)
        let json = try bench.run("apply", "--json").document(ErrorDocument.self)
        #expect(json.error.code == "configuration_refused")
        #expect(json.diagnostics?.isEmpty == false)
        for server in servers { server.stop() }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let program: String
        let path: String
        var status = 422
        let asked: [String]
        let exit: ExitCode
        let says: [String]
        var testDescription: String { "\(program) refuses \(path) with \(status)" }
    }

    static let refusals = [
        Refusal(
            program: "enforce",
            path: "/v1/plan",
            asked: ["POST /v1/plan"],
            exit: .error,
            says: ["jumpd enforce: no, because", "do that; nothing was changed"]
        ),
        Refusal(
            program: "eigd",
            path: "/v1/reload?check=1",
            asked: planOnly,
            exit: .error,
            says: ["eigd: no, because", "do that; nothing was changed"]
        ),
        Refusal(
            program: "enforce",
            path: "/v1/apply",
            asked: planOnly + ["POST /v1/apply"],
            exit: .error,
            says: ["jumpd enforce: no", "jumpd enforce is as before; eigd was not asked"]
        ),
        Refusal(
            program: "eigd",
            path: "/v1/reload",
            asked: everything,
            exit: .error,
            says: [
                "eigd: no", "jumpd enforce stands by the new files (generation 5); eigd is as before",
                "run `eigctl apply` again",
            ]
        ),
        Refusal(
            program: "enforce",
            path: "/v1/plan",
            status: 403,
            asked: ["POST /v1/plan"],
            exit: .refused,
            says: ["nothing was changed"]
        ),
        Refusal(
            program: "enforce",
            path: "/v1/apply",
            status: 409,
            asked: planOnly + ["POST /v1/apply"],
            exit: .stale,
            says: ["jumpd enforce is as before"]
        ),
    ]

    @Test("a refusal stops apply there, and what stands is said", arguments: refusals)
    func refused(_ testCase: Refusal) throws {
        let item = DiagnosticItem(code: "E-X", severity: "error", file: "f.toml", line: 3, column: 4, message: "bad")
        let answer = ControlResponse.failure(
            testCase.status,
            code: "no",
            message: "no, because",
            hint: "do that",
            diagnostics: [item]
        )
        let servers = try ["enforce", "eigd"].map { name in
            let refused = name == testCase.program ? [testCase.path: answer] : [:]
            return try program(name, changes: [Self.added], refusing: refused)
        }
        let ran = bench.run("apply")
        #expect(ran.status == testCase.exit)
        #expect(asked.all == testCase.asked)
        #expect(ran.output.isEmpty)
        #expect(ran.error.hasPrefix("f.toml:3:4: error: bad [E-X]\n"), "\(ran.error)")
        for words in testCase.says { #expect(ran.error.contains(words), "\(ran.error)") }
        for server in servers { server.stop() }
    }

    @Test("an answer that never came leaves the outcome open, and says so")
    func uncertain() throws {
        let enforce = try program("enforce", changes: [Self.added])
        let stuck = try bench.program("eigd") { request in
            if request.query["check"] == nil { Clock.sleep(.milliseconds(400)) }
            return ControlResponse(ChangeDocument(isApplied: false, changes: [], generation: 1))
        }
        let ran = bench.run([
            "apply", "--timeout=200ms", "--config=\(bench.path)/etc", "--control-eigd=\(bench.path)/eigd.sock",
            "--control-enforce=\(bench.path)/enforce.sock",
        ])
        #expect(ran.status == .error)
        #expect(ran.error.contains("no answer within 200ms"))
        #expect(ran.error.contains("whether eigd changed is not known"))
        enforce.stop()
        stuck.stop()
    }

    /// One line a tunnel: what is new in the first phase, what goes in the last.
    func tunnels(refusing refused: String = "") throws -> ControlServer {
        let asked = asked
        return try bench.program("tunnels") { request in
            asked.note(request)
            let phase = request.query["phase"]
            if phase == refused { return .failure(500, code: "partly_applied", message: "no, because") }
            let new = ChangeItem(.add, partner: "payfast", text: "tunnel t1")
            let old = ChangeItem(.remove, partner: "payfast", text: "tunnel t0", disruption: "CUTS t0")
            let changes = phase == nil ? [new, old] : phase == "additions" ? [new] : [old]
            return ControlResponse(ChangeDocument(isApplied: phase != nil, changes: changes, generation: 1))
        }
    }

    func run(_ verb: String, _ more: String...) -> Ran {
        bench.run(
            [verb, "--config=\(bench.path)/etc"]
                + ["eigd", "enforce", "tunnels"].map { "--control-\($0)=\(bench.path)/\($0).sock" } + more
        )
    }

    @Test("tunnels come before the kernel lets them in, and go after it has shut them out")
    func tunnelsFirstAndLast() throws {
        let servers = [try tunnels(), try program("enforce", changes: [Self.added]), try program("eigd")]
        #expect(run("plan").status == .pending)
        #expect(asked.all == ["POST /v1/plan", "POST /v1/plan", "POST /v1/reload?check=1"])
        let ran = run("apply")
        #expect(ran.status == .ok)
        #expect(
            asked.all.dropFirst(6) == [
                "POST /v1/apply?phase=additions", "POST /v1/apply", "POST /v1/reload", "POST /v1/apply?phase=removals",
            ]
        )
        #expect(
            ran.output == """
                jumpd tunnels changed:
                  + payfast: tunnel t1
                  - payfast: tunnel t0 (CUTS t0)
                jumpd enforce changed:
                  + payfast: allow 203.0.113.9 -> 8443

                """
        )
        for server in servers { server.stop() }
    }

    @Test(
        "a tunnel that did not come stops apply before the kernel, one that did not go is said",
        arguments: [true, false]
    )
    func tunnelsFail(isFirst: Bool) throws {
        let servers = [
            try tunnels(refusing: isFirst ? "additions" : "removals"), try program("enforce", changes: [Self.added]),
            try program("eigd"),
        ]
        let ran = run("apply")
        #expect(ran.status == .error)
        #expect(ran.error.contains("jumpd tunnels changed in part"), "\(ran.error)")
        #expect(asked.all.contains("POST /v1/apply") == !isFirst)
        #expect(ran.error.contains("jumpd enforce and eigd were not asked") == isFirst, "\(ran.error)")
        #expect(ran.error.contains("jumpd enforce stands by the new files") == !isFirst, "\(ran.error)")
        for server in servers { server.stop() }
    }

    @Test("where no partner has a tunnel nobody asks for the program")
    func withoutTunnels() throws {
        let servers = [try program("enforce", changes: [Self.added]), try program("eigd")]
        #expect(run("apply").status == .ok)
        let why = "jumpd tunnels: \(bench.path)/tunnels.sock: there is no such"
        #expect(run("apply", "--only=tunnels").error.contains(why))
        for server in servers { server.stop() }
    }

    @Test("a gate that the files describe and that runs is asked behind eigd")
    func gate() throws {
        let servers = [try program("enforce"), try program("eigd")]
        defer { for server in servers { server.stop() } }
        try bench.writeGateFolder()
        let alone = bench.run("apply")
        #expect(alone.status == .ok, "\(alone.error)")
        #expect(asked.all == Self.everything)
        let refusal = ControlResponse.failure(422, code: "configuration_refused", message: "no such key")
        let gate = try program("jump", refusing: ["/v1/reload": refusal])
        defer { gate.stop() }
        let refused = bench.run("apply")
        #expect(refused.status == .error)
        #expect(refused.error.contains("jumpd gate: no such key") && refused.error.contains("jumpd gate is as before"))
        let reload = ["POST /v1/reload?check=1", "POST /v1/reload"]
        #expect(Array(asked.all.dropFirst(4)) == Self.planOnly + [reload[0], "POST /v1/apply", reload[1], reload[1]])
        #expect(bench.run("apply", "--only", "gate").status == .error)
        #expect(Array(asked.all.dropFirst(10)) == reload)
    }

    @Test("one program alone is asked with --only")
    func only() throws {
        let eigd = try program("eigd", changes: [Self.added])
        let both = bench.run("apply")
        #expect(both.status == .error)
        #expect(both.error.contains("jumpd enforce: \(bench.path)/enforce.sock: there is no such socket"))
        #expect(asked.all.isEmpty)
        #expect(bench.run("apply", "--only", "eigd").status == .ok)
        #expect(asked.all == ["POST /v1/reload?check=1", "POST /v1/reload"])
        eigd.stop()
    }
}
