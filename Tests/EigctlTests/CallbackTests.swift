// SPDX-License-Identifier: Apache-2.0
import Control
import Testing
import eigctl

@Suite("eigctl callbacks")
struct CallbackTests {
    static let id = "01920f3e-7c1a-7000-8000-000000000001"

    let bench: Bench
    let asked = Asked()

    init() throws { bench = try Bench() }

    static var item: CallbackItem {
        var item = CallbackItem(
            id: id,
            state: "dead",
            kind: "sender",
            source: "txn",
            destination: "payfast",
            orderKey: "TP-1",
            dedupKey: "k-1",
            contentType: "application/json",
            bodyBytes: 17,
            attempts: 2,
            acceptedAt: "2025-12-31T23:00:00.000Z"
        )
        item.settledAt = "2025-12-31T23:10:00.000Z"
        item.lastStatus = 503
        item.lastError = "not acknowledged"
        return item
    }

    func serve(_ response: ControlResponse) throws -> ControlServer {
        let asked = asked
        return try bench.program("eigd") { request in
            asked.note(request)
            return response
        }
    }

    @Test("list shows one line each")
    func list() throws {
        let eigd = try serve(ControlResponse(CallbackListDocument(callbacks: [Self.item], isTruncated: true)))
        let ran = bench.run("callbacks", "list", "--state", "dead", "--partner", "pay fast", "--limit=1")
        #expect(ran.status == .ok)
        #expect(asked.all == ["GET /v1/callbacks?limit=1&partner=pay fast&state=dead"])
        try expectGolden(ran.output, "callbacks-list.txt")
        let json = try bench.run("callbacks", "list", "--json").document(CallbackListDocument.self)
        #expect(json.callbacks == [Self.item])
        eigd.stop()
    }

    @Test("list is silent when there is none, dead asks for the dead")
    func dead() throws {
        let eigd = try serve(ControlResponse(CallbackListDocument(callbacks: [], isTruncated: false)))
        let ran = bench.run("callbacks", "dead")
        #expect(ran.status == .ok)
        #expect(ran.output.isEmpty && ran.error.isEmpty)
        #expect(asked.all == ["GET /v1/callbacks?limit=50&state=dead"])
        eigd.stop()
    }

    @Test("show has attempts and body, --body the body alone")
    func show() throws {
        let attempts = [
            CallbackAttempt(
                number: 1,
                startedAt: "2025-12-31T23:00:01.000Z",
                elapsedMilliseconds: 15_000,
                error: "timeout"
            ),
            CallbackAttempt(number: 2, startedAt: "2025-12-31T23:05:01.000Z", elapsedMilliseconds: 12, status: 503),
        ]
        let body = "{\"a\":1,\n\"b\":\"\u{1b}\"}"
        let eigd = try serve(ControlResponse(CallbackDocument(callback: Self.item, attempts: attempts, body: body)))
        let ran = bench.run("callbacks", "show", Self.id.uppercased())
        #expect(ran.status == .ok)
        #expect(asked.all == ["GET /v1/callbacks/\(Self.id)"])
        try expectGolden(ran.output, "callbacks-show.txt")
        #expect(bench.run("callbacks", "show", Self.id, "--body").output == body)
        eigd.stop()
    }

    @Test("show --body says why there is none")
    func noBody() throws {
        let eigd = try serve(ControlResponse(CallbackDocument(callback: Self.item, attempts: [], bodyBase64: "AA==")))
        let ran = bench.run("callbacks", "show", Self.id, "--body")
        #expect(ran.status == .error)
        #expect(ran.error.contains("the body is not UTF-8 text"))
        eigd.stop()
    }

    @Test("replay writes the new id and nothing else")
    func replay() throws {
        let eigd = try serve(ControlResponse(ReplayAnswer(replayOf: Self.id, id: "new-id")))
        let ran = bench.run("callbacks", "replay", Self.id)
        #expect(ran.status == .ok)
        #expect(ran.output == "new-id\n")
        #expect(asked.all == ["POST /v1/callbacks/\(Self.id)/replay"])
        eigd.stop()
    }

    @Test("release asks for it and says nothing")
    func release() throws {
        let eigd = try serve(ControlResponse(ReplayAnswer(replayOf: Self.id, id: Self.id)))
        let ran = bench.run("callbacks", "release", Self.id)
        #expect(ran.status == .ok)
        #expect(ran.output.isEmpty && ran.error.isEmpty)
        #expect(asked.all == ["POST /v1/callbacks/\(Self.id)/release"])
        eigd.stop()
    }

    @Test("pass eigd's refusal on")
    func refused() throws {
        let eigd = try serve(.failure(404, code: "no_such_callback", message: "there is no such callback"))
        let ran = bench.run("callbacks", "replay", Self.id)
        #expect(ran.status == .error)
        #expect(ran.error == "eigctl: error: eigd: there is no such callback\n")
        let json = try bench.run("callbacks", "replay", Self.id, "--json").document(ErrorDocument.self)
        #expect(json.error.code == "no_such_callback")
        eigd.stop()
    }

    @Test("end with 3 for a caller who is not obeyed")
    func notAllowed() throws {
        let eigd = try ControlServer(path: "\(bench.path)/eigd.sock", policy: ControlPolicy { _, _ in false }) { _ in
            .text("")
        }
        let ran = bench.run("callbacks", "list")
        #expect(ran.status == .refused)
        #expect(ran.error.contains("this socket is not for you"))
        eigd.stop()
    }
}
