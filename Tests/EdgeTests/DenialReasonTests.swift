// SPDX-License-Identifier: Apache-2.0
import HTTP
import Testing

@testable import Edge

@Suite("A reason to refuse")
struct DenialReasonTests {
    /// The promise to partners' engineers: a code never changes, nor does its status.
    static let table: [(DenialReason, String, Int)] = [
        (.handshakeRate, "handshake_rate", 429), (.handshakeFailed, "handshake_failed", 403),
        (.connectionsMax, "connections_max", 503), (.identityUnknown, "identity_unknown", 403),
        (.identityAmbiguous, "identity_ambiguous", 403), (.partnerDisabled, "partner_disabled", 403),
        (.certificateExpired, "certificate_expired", 403), (.certificateRevoked, "certificate_revoked", 403),
        (.certificatePurpose, "certificate_purpose", 403), (.certificateWeak, "certificate_weak", 403),
        (.certificatePin, "certificate_pin", 403), (.addressNotAllowed, "address_not_allowed", 403),
        (.insideOnly, "inside_only", 403), (.hostUnknown, "host_unknown", 421),
        (.credentialMissing, "credential_missing", 401), (.credentialWrong, "credential_wrong", 401),
        (.credentialLocked, "credential_locked", 429), (.rateExceeded, "rate_exceeded", 429),
        (.concurrencyExceeded, "concurrency_exceeded", 429), (.routeUnknown, "route_unknown", 404),
        (.methodNotAllowed, "method_not_allowed", 405), (.roleNotAllowed, "role_not_allowed", 403),
        (.bodyTooLarge, "body_too_large", 413), (.headTimeout, "head_timeout", 408),
        (.bodyTimeout, "body_timeout", 408), (.backendBusy, "backend_busy", 503),
        (.backendUnreachable, "backend_unreachable", 502), (.backendMalformed, "backend_malformed", 502),
        (.outcomeUnknown, "outcome_unknown", 502), (.outcomeUnknownTimeout, "outcome_unknown", 504),
        (.partnerUnknown, "partner_unknown", 404), (.partnerUnreachable, "partner_unreachable", 502),
        (.resolveRefused, "resolve_refused", 502), (.idempotencyKeyMissing, "idempotency_key_missing", 400),
        (.callbackMalformed, "callback_malformed", 400), (.callbackConflict, "callback_conflict", 409),
        (.relayOverloaded, "relay_overloaded", 503), (.relayFailed, "relay_failed", 503),
        (.notConfigured, "not_configured", 404),
    ]

    @Test("has the code and the status it always had", arguments: table)
    func stable(_ reason: DenialReason, _ code: String, _ status: Int) {
        #expect("\(reason.code)" == code)
        #expect(reason.status == status)
    }

    @Test("is in the table, each one of them")
    func complete() { #expect(Self.table.map(\.0) == DenialReason.allCases) }

    @Test("has a code of its own, but for the two ways not to know an outcome")
    func unique() {
        let codes = DenialReason.allCases.filter { $0 != .outcomeUnknownTimeout }.map { "\($0.code)" }
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil })
    }

    @Test("means the same where the parser has that code, too")
    func parsers() {
        for reason in DenialReason.allCases {
            guard let refusal = RefusalReason(rawValue: "\(reason.code)") else { continue }
            #expect(refusal.status == reason.status, "\(reason.code)")
        }
    }

    @Test("says what happened in one sentence, fit for JSON as it is", arguments: DenialReason.allCases)
    func sentence(_ reason: DenialReason) {
        let text = "\(reason.message)"
        #expect(text.hasSuffix(".") && text.first?.isUppercase == true)
        #expect(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != 0x5c })
    }

    @Test("tells to wait only where waiting helps, and who must change something", arguments: DenialReason.allCases)
    func waiting(_ reason: DenialReason) {
        if reason.retryAfterSeconds > 0 { #expect([429, 503].contains(reason.status)) }
        if reason.status == 429 { #expect(reason.retryAfterSeconds > 0) }
        #expect(["peer", "partner", "backend", "gateway"].contains("\(reason.origin)"))
    }

    @Test("has a place of its own in tables by number")
    func numbers() {
        #expect(DenialReason.allCases.map(\.rawValue) == Array(0..<DenialReason.count))
        let counters = WorkerCounters()
        for reason in DenialReason.allCases { for _ in 0...reason.rawValue { counters.countRefusal(reason) } }
        for reason in DenialReason.allCases { #expect(counters.refusalCount(reason) == reason.rawValue + 1) }
    }
}
