// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TLS
import Testing

@Suite("Outbound profiles")
struct OutboundProfileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let profile: OutboundProfile
        let status: Int
        let body: String
        let want: Verdict
        var testDescription: String { "\(profile) \(status) \(body)" }

        init(_ profile: OutboundProfile, _ status: Int, _ body: String, _ want: Verdict) {
            self.profile = profile
            self.status = status
            self.body = body
            self.want = want
        }
    }

    static let gsma = OutboundProfile.gsma(acceptsAny2xx: false)
    static let webhooks = OutboundProfile.standardWebhooks(keys: [])
    static let transient = Verdict.transient(retryAfter: nil)

    static let acknowledgements: [Case] = [
        Case(.plain, 200, "", .acknowledged),
        Case(.plain, 299, "no", .acknowledged),
        Case(.backend, 202, "", .acknowledged),
        Case(.terrapay, 200, #"{"acknowledged":"true"}"#, .acknowledged),
        Case(.terrapay, 202, #" { "other": 1, "acknowledged" : "true" } "#, .acknowledged),
        Case(.terrapay, 200, #"{"acknowledged":"false"}"#, .unacknowledged),
        Case(.terrapay, 200, #"{"acknowledged":true}"#, .unacknowledged),
        Case(.terrapay, 200, #"{"acknowledged":"TRUE"}"#, .unacknowledged),
        Case(.terrapay, 200, #"{"acknowledged":1}"#, .unacknowledged),
        Case(.terrapay, 200, #"{"acknowledged":null}"#, .unacknowledged),
        Case(.terrapay, 200, #"{"nested":{"acknowledged":"true"}}"#, .unacknowledged),
        Case(.terrapay, 200, #"["acknowledged","true"]"#, .unacknowledged),
        Case(.terrapay, 200, #"{"acknowledged":"true""#, .unacknowledged),
        Case(.terrapay, 200, "", .unacknowledged),
        Case(.terrapay, 204, "", .unacknowledged),
        Case(.terrapay, 500, #"{"acknowledged":"true"}"#, transient),
        Case(.terrapay, 404, #"{"acknowledged":"true"}"#, .refused),
        Case(gsma, 204, "", .acknowledged),
        Case(gsma, 200, "{}", .unacknowledged),
        Case(gsma, 202, "", .unacknowledged),
        Case(.gsma(acceptsAny2xx: true), 200, "", .acknowledged),
        Case(gsma, 400, "", .refused),
        Case(gsma, 503, "", transient),
        Case(webhooks, 200, "", .acknowledged),
        Case(webhooks, 204, "", .acknowledged),
        Case(webhooks, 302, "", .refused),
        Case(webhooks, 410, "", .gone),
        Case(webhooks, 429, "", transient),
        Case(webhooks, 502, "", transient),
        Case(webhooks, 504, "", transient),
    ]

    @Test("take their own acknowledgement and no other", arguments: acknowledgements)
    func verdict(_ testCase: Case) {
        let verdict = testCase.profile.verdict(
            status: testCase.status,
            retryAfter: nil,
            body: Array(testCase.body.utf8),
            now: WallInstant(seconds: 0)
        )
        #expect(verdict == testCase.want)
    }

    private func context(
        attempt: Int = 1,
        fields: [(name: String, value: String)] = [],
        body: [UInt8],
        now: WallInstant = WallInstant(seconds: 1_614_265_330)
    ) -> OutboundProfile.Context {
        OutboundProfile.Context(
            messageID: UniqueID(high: 1, low: 2),
            sequence: 42,
            attempt: attempt,
            kind: .sender,
            source: "txn",
            partner: "payfast",
            contentType: "application/json; charset=utf-8",
            bodyHash: Digest.sha256(body),
            fields: fields,
            isReplay: false,
            now: now
        )
    }

    private func rendered(_ profile: OutboundProfile, _ context: OutboundProfile.Context, _ body: [UInt8]) -> [String] {
        profile.fields(for: context, body: body).map { "\($0.name): \($0.value)" }
    }

    static let common = [
        "Content-Type: application/json; charset=utf-8",
        "webhook-id: 00000000-0000-0001-0000-000000000002",
        "webhook-sequence: 42",
    ]

    @Test("say who and what, and nothing of ours to partners")
    func fields() {
        let body = Array(#"{"hello": "world"}"#.utf8)
        #expect(rendered(.plain, context(body: body), body) == Self.common)
        #expect(rendered(.terrapay, context(body: body), body) == Self.common)
        #expect(
            rendered(Self.gsma, context(body: body), body) == Self.common + [
                "X-CorrelationID: 00000000-0000-0001-0000-000000000002",
                "X-Date: 2021-02-25T15:02:10.000Z",
                "X-Content-Hash: 5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1",
            ]
        )
        #expect(
            rendered(.backend, context(body: body), body) == Self.common + [
                "X-EIG-Callback-Kind: sender", "X-EIG-Source: txn", "X-EIG-Partner: payfast", "X-EIG-Attempt: 1",
            ]
        )
        #expect([OutboundProfile.plain, .terrapay, Self.webhooks, .backend].allSatisfy { $0.method == "POST" })
        #expect(Self.gsma.method == "PUT")
    }

    @Test("pass kept fields on, but never over their own or the framing")
    func keptFields() {
        let kept: [(name: String, value: String)] = [
            ("traceparent", "00-1"), ("WEBHOOK-ID", "forged"), ("webhook-signature", "forged"),
            ("x-eig-partner", "forged"), ("Content-Length", "3"),
            ("Transfer-Encoding", "chunked"), ("host", "forged"), ("x-correlationid", "c-1"),
        ]
        let backend = rendered(.backend, context(fields: kept, body: []), [])
        #expect(backend.filter { $0.contains("forged") || $0.lowercased().contains("encoding") }.isEmpty)
        #expect(backend.suffix(2) == ["traceparent: 00-1", "x-correlationid: c-1"])
        let gsma = rendered(Self.gsma, context(fields: kept, body: []), [])
        #expect(gsma.contains("X-CorrelationID: c-1"))
        #expect(!gsma.contains("x-correlationid: c-1"))
    }
}
