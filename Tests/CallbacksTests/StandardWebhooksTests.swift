// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TLS
import Testing

@Suite("Standard Webhooks")
struct StandardWebhooksTests {
    /// The specification's own example (Standard Webhooks 1.0.0).
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    static let timestamp: Int64 = 1_614_265_330
    static let body = Array(#"{"test": 2432232314}"#.utf8)
    static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    static let now = WallInstant(seconds: timestamp)

    private func key(_ text: String = secret, notAfter: WallInstant? = nil) throws -> WebhookKey {
        try #require(WebhookKey(text, notAfter: notAfter))
    }

    @Test("signs the specification's example as the specification does")
    func vector() throws {
        let signature = StandardWebhooks.signature(
            id: Self.id,
            timestamp: Self.timestamp,
            body: Self.body,
            keys: [try key()],
            at: Self.now
        )
        #expect(signature == Self.signature)
    }

    @Test("signs with every key that is still valid, in order")
    func rotation() throws {
        let second = "whsec_" + Base64.encode([UInt8](repeating: 7, count: 32))
        let old = try key(notAfter: WallInstant(seconds: Self.timestamp))
        let signed = StandardWebhooks.signature(
            id: Self.id,
            timestamp: Self.timestamp,
            body: Self.body,
            keys: [try key(second), old],
            at: Self.now
        )
        #expect(signed.split(separator: " ").count == 2)
        #expect(signed.hasSuffix(" " + Self.signature))
        let later = StandardWebhooks.signature(
            id: Self.id,
            timestamp: Self.timestamp,
            body: Self.body,
            keys: [try key(second), old],
            at: WallInstant(seconds: Self.timestamp + 1)
        )
        #expect(later == signed.split(separator: " ")[0])
    }

    static let badKeys = [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_????",
        "whsec_" + Base64.encode([UInt8](repeating: 1, count: 23)),
        "whsec_" + Base64.encode([UInt8](repeating: 1, count: 65)),
    ]

    @Test("takes no key of the wrong form or length", arguments: badKeys)
    func badKey(_ text: String) {
        #expect(WebhookKey(text) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var id = StandardWebhooksTests.id
        var timestamp = String(StandardWebhooksTests.timestamp)
        var signature = StandardWebhooksTests.signature
        var body = StandardWebhooksTests.body
        var clockOffset: Int64 = 0
        let want: Bool
        let why: String
        var testDescription: String { why }
    }

    static let received: [Case] = [
        Case(want: true, why: "as sent"),
        Case(signature: "v1a,AAAA v1,AAAA \(signature)", want: true, why: "one entry of several"),
        Case(clockOffset: 300, want: true, why: "five minutes old"),
        Case(clockOffset: -300, want: true, why: "five minutes early"),
        Case(clockOffset: 301, want: false, why: "too old"),
        Case(clockOffset: -301, want: false, why: "too early"),
        Case(id: "msg_other", want: false, why: "another id"),
        Case(timestamp: "1614265331", want: false, why: "another timestamp"),
        Case(timestamp: "+1614265330", want: false, why: "a sign in the timestamp"),
        Case(timestamp: "", want: false, why: "no timestamp"),
        Case(body: Array(#"{"test": 2432232315}"#.utf8), want: false, why: "another body"),
        Case(signature: "", want: false, why: "no signature"),
        Case(signature: String(signature.dropFirst(3)), want: false, why: "no version"),
        Case(signature: "v1,", want: false, why: "an empty signature"),
        Case(signature: "v2," + signature.dropFirst(3), want: false, why: "another version"),
    ]

    @Test("is authentic only as sent, and only for five minutes", arguments: received)
    func verifies(_ testCase: Case) throws {
        let isAuthentic = StandardWebhooks.isAuthentic(
            id: testCase.id,
            timestamp: testCase.timestamp,
            signature: testCase.signature,
            body: testCase.body,
            keys: [try key()],
            at: WallInstant(seconds: Self.timestamp + testCase.clockOffset)
        )
        #expect(isAuthentic == testCase.want)
    }

    @Test("each attempt of a delivery is signed afresh, under one id")
    func attempts() throws {
        var bench = try RelayBench()
        let key = try key()
        bench.configure(
            RelayEndpoint(destination: RelayBench.payfast, profile: .standardWebhooks(keys: [key]))
        )
        let first = bench.submit(RelayBench.submission(1)).orders[0]
        bench.answer(first, status: 500)
        bench.advance(.seconds(2))
        let second = try #require(bench.poll().first)
        #expect(first.field("webhook-id") == second.field("webhook-id"))
        #expect(first.field("webhook-timestamp") != second.field("webhook-timestamp"))
        for order in [first, second] {
            let timestamp = try #require(order.field("webhook-timestamp").flatMap { Int64($0) })
            let isAuthentic = StandardWebhooks.isAuthentic(
                id: order.field("webhook-id") ?? "",
                timestamp: String(timestamp),
                signature: order.field("webhook-signature") ?? "",
                body: order.body,
                keys: [key],
                at: WallInstant(seconds: timestamp)
            )
            #expect(isAuthentic)
        }
    }
}
