// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let attempt: Int
        let hint: Duration?
        let jitter: Double
        let want: Duration
        var testDescription: String { "attempt \(attempt), hint \(hint?.text ?? "none"), jitter \(jitter)" }
    }

    static let cases: [Case] = [
        Case(attempt: 1, hint: nil, jitter: 0, want: .milliseconds(100)),
        Case(attempt: 1, hint: nil, jitter: 0.5, want: .milliseconds(550)),
        Case(attempt: 2, hint: nil, jitter: 0, want: .milliseconds(100)),
        Case(attempt: 3, hint: nil, jitter: 0.5, want: .milliseconds(15_050)),
        Case(attempt: 7, hint: nil, jitter: 0.5, want: .milliseconds(1_800_050)),
        Case(attempt: 8, hint: nil, jitter: 0.5, want: .milliseconds(1_800_050)),
        Case(attempt: 1000, hint: nil, jitter: 0, want: .milliseconds(100)),
        Case(attempt: 1, hint: .seconds(20), jitter: 0.9, want: .seconds(20)),
        Case(attempt: 3, hint: .seconds(1), jitter: 0.5, want: .milliseconds(15_050)),
        Case(attempt: 1, hint: .seconds(36_000), jitter: 0, want: .seconds(36_000)),
        Case(attempt: 1, hint: .seconds(36_001), jitter: 0, want: .seconds(36_000)),
        Case(attempt: 1, hint: .seconds(999_999_999), jitter: 0, want: .seconds(36_000)),
    ]

    @Test("waits the larger of the drawn time and the capped hint", arguments: cases)
    func delay(_ testCase: Case) {
        let delay = RetryPolicy().delay(afterAttempt: testCase.attempt, hint: testCase.hint, jitter: testCase.jitter)
        #expect(delay.milliseconds == testCase.want.milliseconds)
    }

    @Test("refuses nonsense by crashing, and says why")
    func refusesNonsense() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = RetryPolicy(schedule: [])
        }
        #expect(
            String(decoding: result.standardErrorContent, as: UTF8.self).contains("schedule length out of range: 0")
        )
    }

    static let retryAfter: [(String, Duration?)] = [
        ("0", .zero), ("120", .seconds(120)), ("999999999", .seconds(999_999_999)),
        ("Sat, 21 Nov 2026 12:30:00 GMT", .seconds(1800)), ("Sat, 21 Nov 2026 11:30:00 GMT", .zero),
        ("Sun, 21 Nov 2026 12:30:00 GMT", nil), ("Sat, 31 Nov 2026 12:30:00 GMT", nil),
        ("Sat, 21 Nov 2026 12:30:00 UTC", nil), ("Saturday, 21-Nov-26 12:30:00 GMT", nil),
        ("", nil), ("-1", nil), ("1.5", nil), ("1 ", nil), ("9999999999", nil), ("soon", nil), ("٣", nil),
    ]

    @Test("reads Retry-After as seconds or as one spelling of a date", arguments: retryAfter)
    func reads(_ value: String, _ want: Duration?) throws {
        let now = try #require(WallInstant(year: 2026, month: 11, day: 21, secondOfDay: 12 * 3600))
        #expect(RetryAfter.parse(value, now: now) == want)
    }
}
