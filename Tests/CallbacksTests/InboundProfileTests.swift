// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TLS
import Testing

@Suite("Inbound profiles")
struct InboundProfileTests {
    static let now = WallInstant(seconds: 1_614_265_330)
    static let webhooks = InboundProfile.standardWebhooks(keys: [], orderMember: "transactionId")

    struct Case: Sendable, CustomTestStringConvertible {
        let profile: InboundProfile
        let fields: [String: String]
        let body: String
        /// Order key and dedup key, or the refusal.
        let want: Result<InboundProfile.Reading, InboundProfile.Refusal>
        var testDescription: String { "\(profile) \(fields) \(body)" }

        init(_ profile: InboundProfile, _ fields: [String: String], _ body: String, order: String, dedup: String?) {
            self.profile = profile
            self.fields = fields
            self.body = body
            want = .success(InboundProfile.Reading(orderKey: order, dedupKey: dedup))
        }

        init(_ profile: InboundProfile, _ fields: [String: String], _ body: String, _ refusal: InboundProfile.Refusal) {
            self.profile = profile
            self.fields = fields
            self.body = body
            want = .failure(refusal)
        }
    }

    static func hash(_ body: String) -> String { "sha256:" + Hex.encode(Digest.sha256(Array(body.utf8))) }

    static let status =
        #"{"transactionId":"TP1","partnerTransId":"P1","responseCode":"3000","status":"SUCCESS"}"#
    static let long = String(repeating: "x", count: 201)

    static let cases: [Case] = [
        Case(.plain, ["idempotency-key": "k1"], #"{"transactionId":"T"}"#, order: "T", dedup: "k1"),
        Case(.plain, ["idempotency-key": "k1"], "not json", order: "k1", dedup: "k1"),
        Case(.plain, [:], "not json", order: hash("not json"), dedup: nil),
        Case(.plain, [:], "", order: hash(""), dedup: nil),
        Case(.plain(orderMember: "ref"), [:], #"{"ref":17,"transactionId":"T"}"#, order: "17", dedup: nil),
        Case(.plain, ["idempotency-key": "a b"], "{}", .keyUnusable),
        Case(.plain, ["idempotency-key": ""], "{}", .keyUnusable),
        Case(.plain, ["idempotency-key": long], "{}", .keyUnusable),
        Case(.terrapay, [:], status, order: "TP1", dedup: nil),
        Case(.terrapay, ["idempotency-key": "ignored"], status, order: "TP1", dedup: nil),
        Case(.terrapay, [:], #"{"partnerTransId":"P1"}"#, order: "P1", dedup: nil),
        Case(.terrapay, [:], #"{"transactionId":"","partnerTransId":"P1"}"#, order: "P1", dedup: nil),
        Case(.terrapay, [:], #"{"transactionId":null,"partnerTransId":12}"#, order: "12", dedup: nil),
        Case(.terrapay, [:], "{}", order: hash("{}"), dedup: nil),
        Case(.terrapay, [:], #"{"transactionId":"\#(long)"}"#, order: hash(long), dedup: nil),
        Case(.terrapay, [:], "", .notJSON),
        Case(.terrapay, [:], "[]", .notJSON),
        Case(.terrapay, [:], #""text""#, .notJSON),
        Case(.terrapay, [:], status + "x", .notJSON),
        Case(.terrapay, [:], "{'transactionId':'T'}", .notJSON),
        Case(
            .gsma,
            ["x-correlationid": "c1"],
            #"{"transactionReference":"R","serverCorrelationId":"S"}"#,
            order: "S",
            dedup: "c1 " + hash(#"{"transactionReference":"R","serverCorrelationId":"S"}"#)
        ),
        Case(.gsma, [:], #"{"transactionReference":"R","objectReference":"O"}"#, order: "R", dedup: nil),
        Case(.gsma, [:], #"{"objectReference":"O"}"#, order: "O", dedup: nil),
        Case(.gsma, ["x-correlationid": "c1"], "{}", order: "c1", dedup: "c1 " + hash("{}")),
        Case(.gsma, [:], "<xml/>", .notJSON),
        Case(webhooks, ["webhook-id": "m1"], #"{"transactionId":"T"}"#, order: "T", dedup: "m1"),
        Case(webhooks, ["webhook-id": "m1"], "{}", order: "m1", dedup: "m1"),
        Case(webhooks, [:], "{}", .keyMissing),
        Case(webhooks, ["webhook-id": "m1"], "text", .notJSON),
    ]

    @Test("find what orders and what identifies a callback", arguments: cases)
    func reads(_ testCase: Case) {
        let got = Result { () throws(InboundProfile.Refusal) in
            try testCase.profile.read(body: Array(testCase.body.utf8), now: Self.now) {
                testCase.fields[$0.lowercased()]
            }
        }
        #expect(got == testCase.want)
    }

    @Test("never confuse or refuse two states of one transaction", arguments: [InboundProfile.terrapay, .gsma, .plain])
    func twoStates(_ profile: InboundProfile) throws {
        let bodies = ["PENDING", "SUCCESS"].map { #"{"transactionId":"T","status":"\#($0)"}"# }
        var bench = try RelayBench()
        for body in bodies {
            let reading = try profile.read(body: Array(body.utf8), now: Self.now) {
                $0 == "X-CorrelationID" ? "the-exchange" : nil
            }
            var submission = RelayBench.submission(1, key: reading.orderKey, body: body)
            submission.dedupKey = reading.dedupKey
            let first = bench.submit(submission).outcome
            let id = try #require(first.acceptedID)
            #expect(bench.submit(submission).outcome == .duplicate(id))
        }
        #expect(bench.states() == [.ready, .waiting])
    }

    @Test("check a signature when there are keys")
    func signed() throws {
        let keys = [try #require(WebhookKey(StandardWebhooksTests.secret))]
        let profile = InboundProfile.standardWebhooks(keys: keys, orderMember: "transactionId")
        var fields = [
            "webhook-id": StandardWebhooksTests.id, "webhook-timestamp": String(StandardWebhooksTests.timestamp),
            "webhook-signature": StandardWebhooksTests.signature,
        ]
        let body = StandardWebhooksTests.body
        #expect(try profile.read(body: body, now: Self.now) { fields[$0] }.dedupKey == StandardWebhooksTests.id)
        fields["webhook-signature"] = nil
        #expect(throws: InboundProfile.Refusal.notAuthentic) {
            _ = try profile.read(body: body, now: Self.now) { fields[$0] }
        }
    }

    @Test("ask backends for an Idempotency-Key, and order by the partner's dialect")
    func backends() throws {
        let body = Array(Self.status.utf8)
        let reading = try InboundProfile.terrapay.readFromBackend(body: body) { $0 == "Idempotency-Key" ? "k" : nil }
        #expect(reading == InboundProfile.Reading(orderKey: "TP1", dedupKey: "k"))
        #expect(throws: InboundProfile.Refusal.keyMissing) {
            _ = try InboundProfile.terrapay.readFromBackend(body: body) { _ in nil }
        }
        #expect(throws: InboundProfile.Refusal.notJSON) {
            _ = try InboundProfile.gsma.readFromBackend(body: [1]) { _ in "k" }
        }
    }

    static let id = UniqueID(high: 1, low: 2)
    static let accepted = SubmitOutcome.accepted(id)
    static let waits = SubmitOutcome.overloaded(retryAfter: .seconds(30))
    static let plainID = #"{"id":"00000000-0000-0001-0000-000000000002"}"#
    static let acknowledgements: [(InboundProfile, SubmitOutcome, Int, String)] = [
        (.plain, accepted, 202, plainID), (webhooks, accepted, 202, plainID),
        (.plain, .duplicate(id), 202, plainID), (.terrapay, accepted, 200, #"{"acknowledged":"true"}"#),
        (.terrapay, .duplicate(id), 200, #"{"acknowledged":"true"}"#), (.gsma, accepted, 204, ""),
        (.gsma, .duplicate(id), 204, ""), (.plain, .conflict(id), 409, #"{"error":"conflict"}"#),
        (.terrapay, .conflict(id), 409, #"{"acknowledged":"false"}"#),
        (.plain, waits, 503, #"{"error":"overloaded"}"#), (.terrapay, waits, 503, #"{"acknowledged":"false"}"#),
        (.plain, .failed("disk"), 503, #"{"error":"not_stored"}"#),
        (.terrapay, .failed("disk"), 503, #"{"acknowledged":"false"}"#),
    ]

    @Test("acknowledge only what is on the disk, each in its dialect", arguments: acknowledgements)
    func acknowledges(_ profile: InboundProfile, _ outcome: SubmitOutcome, _ status: Int, _ body: String) {
        let answer = profile.acknowledgement(for: outcome, now: Self.now)
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect((answer.contentType == nil) == body.isEmpty)
        #expect(answer.retryAfter == (outcome == Self.waits ? .seconds(30) : nil))
    }

    @Test("speak GSMA's error object to GSMA's senders")
    func gsmaErrors() {
        let answer = InboundProfile.gsma.acknowledgement(for: .conflict(Self.id), now: Self.now)
        let want =
            #"{"errorCategory":"businessRule","errorCode":"duplicateRequest","errorDescription":"conflict","#
            + #""errorDateTime":"2021-02-25T15:02:10.000Z"}"#
        #expect(answer.status == 409)
        #expect(String(decoding: answer.body, as: UTF8.self) == want)
        #expect(InboundProfile.gsma.acknowledgement(for: .notJSON, now: Self.now).status == 400)
    }
}
