// SPDX-License-Identifier: Apache-2.0
import Control
import Testing

@Suite("A control document")
struct ControlDocumentTests {
    @Test("comes back from its JSON as it went")
    func roundTrip() throws {
        var status = StatusDocument(
            program: ProgramStatus(
                name: "eigd",
                version: "1",
                pid: 7,
                startedAt: "2026-01-01T00:00:00Z",
                uptimeSeconds: 3
            ),
            configuration: ConfigurationStatus(generation: 2)
        )
        var partner = PartnerStatus(id: "payfast", name: "PayFast", roles: ["send"], isEnabled: true)
        partner.refusals = [CountedReason(reason: "credential", count: 4)]
        status.partners = [partner]
        status.relay = RelayStatus()
        #expect(try StatusDocument(json: status.json) == status)

        let detail = CallbackDocument(
            callback: CallbackItem(
                id: "i",
                state: "dead",
                kind: "receiver",
                source: "mobicash",
                destination: "txn",
                orderKey: "k",
                contentType: "application/json",
                bodyBytes: 2,
                attempts: 1,
                acceptedAt: "2026-01-01T00:00:00Z"
            ),
            attempts: [CallbackAttempt(number: 1, startedAt: "2026-01-01T00:00:00Z", elapsedMilliseconds: 5)],
            bodyBase64: "AA=="
        )
        #expect(try CallbackDocument(json: detail.json) == detail)
    }

    @Test("is one line of snake case with its schema")
    func wireForm() {
        let document = ErrorDocument(code: "not_found", message: "no such \"thing\"")
        let text = String(decoding: document.json, as: UTF8.self)
        #expect(
            text == #"{"error":{"code":"not_found","message":"no such \"thing\""},"ok":false,"schema":"eig/1"}"# + "\n"
        )
        let change = ChangeDocument(isApplied: true, changes: [], generation: 1)
        #expect(String(decoding: change.json, as: UTF8.self).contains("\"is_applied\":true"))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let json: String
        let why: String
        var testDescription: String { json }
    }

    static let refused = [
        Case(json: "", why: "not JSON"),
        Case(json: "{", why: "not JSON"),
        Case(json: #"{"schema":"eig/2","ok":true,"replay_of":"a","id":"b"}"#, why: "schema is eig/2, not eig/1"),
        Case(json: #"{"schema":"eig/1","ok":true,"replay_of":"a"}"#, why: "no id"),
        Case(json: #"{"schema":"eig/1","ok":1,"replay_of":"a","id":"b"}"#, why: "ok has another type"),
    ]

    @Test("that is not one is refused by field", arguments: refused)
    func refuses(_ testCase: Case) {
        #expect(throws: DocumentError(why: testCase.why)) { try ReplayAnswer(json: Array(testCase.json.utf8)) }
    }
}
