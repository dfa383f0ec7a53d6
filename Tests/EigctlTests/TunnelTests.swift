// SPDX-License-Identifier: Apache-2.0
import Control
import Testing
import eigctl

@Suite("eigctl tunnel")
struct TunnelTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    @Test("status is a table, and what to do about each that is down")
    func status() throws {
        let server = try bench.program("tunnels") { _ in ControlResponse(StatusTests.tunnels) }
        defer { server.stop() }
        let ran = bench.run("tunnel", "status")
        #expect(ran.status == .error)
        try expectGolden(ran.output, "tunnel-status.txt")
        let json = try bench.run("tunnel", "status", "payfast", "--json").document(TunnelsStatusDocument.self)
        #expect(json.tunnels.count == 2 && json.tunnels[1].lastFailure?.theirs == "1:IKE:ENCR=3DES")
        let watched = bench.run("tunnel", "status", "--watch=1")
        #expect(watched.output == ran.output + ran.output)
    }

    @Test(
        "status says by its exit status how bad it is",
        arguments: [
            ("up", false, ExitCode.ok), ("up", true, .pending), ("held", false, .pending),
            ("starting", false, .pending),
            ("unknown", false, .pending), ("partial", false, .error), ("down", false, .error),
        ]
    )
    func exitStatus(_ state: String, _ isOnBackup: Bool, _ expected: ExitCode) throws {
        var document = StatusTests.tunnels
        document.tunnels.removeLast()
        document.tunnels[0].state = state
        document.tunnels[0].isOnBackup = isOnBackup
        let answer = document
        let server = try bench.program("tunnels") { _ in ControlResponse(answer) }
        defer { server.stop() }
        #expect(bench.run("tunnel", "status").status == expected)
    }

    @Test("status of a partner without one says whom it may mean")
    func unknown() throws {
        let server = try bench.program("tunnels") { _ in ControlResponse(StatusTests.tunnels) }
        defer { server.stop() }
        let ran = bench.run("tunnel", "status", "payfats")
        #expect(ran.status == .error)
        #expect(ran.error.contains("did you mean payfast?"))
    }

    @Test("history asks for what is wanted, and shows events and days")
    func history() throws {
        let asked = Asked()
        var document = TunnelHistoryDocument()
        document.events = [
            .init(
                at: "2025-12-31T23:59:00.000Z",
                partner: "payfast",
                tunnel: "t1",
                event: "down",
                text: "the partner's gateway does not answer"
            )
        ]
        document.days = [
            .init(
                day: "2025-12-31",
                partner: "payfast",
                tunnel: "t1",
                watchedSeconds: 86_400,
                upSeconds: 86_340,
                bytesIn: 4096,
                bytesOut: 12,
                rekeys: 24,
                flaps: 1
            )
        ]
        document.isCut = true
        let answer = document
        let server = try bench.program("tunnels") { request in
            asked.note(request)
            return ControlResponse(answer)
        }
        defer { server.stop() }
        let ran = bench.run("tunnel", "history", "payfast", "t1", "--days", "90")
        #expect(asked.all == ["GET /v1/history?days=90&limit=50&partner=payfast&tunnel=t1"])
        #expect(
            ran.output == """
                WHEN                 PARTNER  TUNNEL  EVENT  WHY
                2025-12-31 23:59:00  payfast  t1      down   the partner's gateway does not answer
                there are more: `--limit`

                DAY         PARTNER  TUNNEL       UP       IN   OUT  REKEYS  FLAPS
                2025-12-31  payfast  t1      99.93 %  4.0 KiB  12 B      24      1

                """
        )
        #expect(bench.run("tunnel", "history", "--days", "91").status == .usage)
        #expect(bench.run("tunnel", "history", "--limit", "x").status == .usage)
    }

    @Test("up, down and restart name one tunnel", arguments: ["up", "down", "restart"])
    func verbs(_ verb: String) throws {
        let asked = Asked()
        let server = try bench.program("tunnels") { request in
            asked.note(request)
            let change = ChangeItem(.modify, partner: "payfast", text: "tunnel t1: \(verb)")
            return request.path.contains("/t1/")
                ? ControlResponse(
                    ChangeDocument(
                        isApplied: true,
                        changes: verb == "up" ? [] : [change],
                        diagnostics: [],
                        generation: 1
                    )
                )
                : .failure(404, code: "no_such_tunnel", message: "payfast has no tunnel t9")
        }
        defer { server.stop() }
        let ran = bench.run("tunnel", verb, "payfast", "t1")
        #expect(ran.status == .ok)
        #expect(ran.output == (verb == "up" ? "payfast t1: asked for\n" : "~ payfast: tunnel t1: \(verb)\n"))
        #expect(asked.all == ["POST /v1/tunnels/payfast/t1/\(verb)"])
        let refused = bench.run("tunnel", verb, "payfast", "t9")
        #expect(refused.status == .error && refused.error.contains("payfast has no tunnel t9"))
        #expect(bench.run("tunnel", verb, "payfast").status == .usage)
        #expect(bench.run("tunnel", verb, "payfast", "../x").status == .usage)
    }

    @Test("a host without tunnels is healthy without the program, and its metrics are whole")
    func absent() throws {
        var enforce = StatusTests.enforce()
        enforce.partners[0].entries.removeAll { $0.via != nil }
        let answer = enforce
        let servers = [
            try bench.program("eigd") { _ in ControlResponse(StatusTests.eigd) },
            try bench.program("enforce") { _ in ControlResponse(answer) },
        ]
        defer { for server in servers { server.stop() } }
        let json = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(json.ok && json.tunnels == nil && json.tunnelsError == nil)
        #expect(bench.run("metrics").status == .ok)
        #expect(bench.run("metrics", "tunnels").status == .error)
    }

    @Test("a partner that may come through a tunnel only needs the program")
    func needed() throws {
        let servers = [
            try bench.program("eigd") { _ in ControlResponse(StatusTests.eigd) },
            try bench.program("enforce") { _ in ControlResponse(StatusTests.enforce()) },
        ]
        defer { for server in servers { server.stop() } }
        let json = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(!json.ok && json.tunnelsError?.code == "no_socket")
        #expect(json.verdict?.state == .failing)
    }
}
