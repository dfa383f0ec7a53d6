// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("An instant as text")
struct WallInstantParsingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let want: WallInstant?
        var testDescription: String { text }
    }

    static let cases: [Case] = [
        Case(text: "1970-01-01T00:00:00Z", want: WallInstant(seconds: 0)),
        Case(text: "2026-11-22T20:00:00Z", want: WallInstant(seconds: 1_795_377_600)),
        Case(text: "2026-11-22T20:00:00.5Z", want: WallInstant(seconds: 1_795_377_600, nanoseconds: 500_000_000)),
        Case(text: "2026-11-22T20:00:00.123Z", want: WallInstant(seconds: 1_795_377_600, nanoseconds: 123_000_000)),
        Case(
            text: "2026-11-22T20:00:00.123456789Z",
            want: WallInstant(seconds: 1_795_377_600, nanoseconds: 123_456_789)
        ),
        Case(text: "2024-02-29T23:59:59Z", want: WallInstant(year: 2024, month: 2, day: 29, secondOfDay: 86_399)),
        Case(text: "2026-02-29T00:00:00Z", want: nil), Case(text: "2026-11-22T24:00:00Z", want: nil),
        Case(text: "2026-11-22T20:00:60Z", want: nil), Case(text: "2026-11-22T20:60:00Z", want: nil),
        Case(text: "2026-11-22T20:00:00", want: nil), Case(text: "2026-11-22 20:00:00Z", want: nil),
        Case(text: "2026-11-22T20:00:00+01:00", want: nil), Case(text: "2026-11-22T20:00:00.Z", want: nil),
        Case(text: "2026-11-22T20:00:00.1234567890Z", want: nil), Case(text: "2026-11-22T20:00:0xZ", want: nil),
        Case(text: "", want: nil), Case(text: "Z", want: nil), Case(text: "+026-11-22T20:00:00Z", want: nil),
    ]

    @Test("is read strictly", arguments: cases)
    func parsed(_ testCase: Case) { #expect(WallInstant(rfc3339: testCase.text) == testCase.want) }

    @Test("reads what it writes", arguments: [0, 951_782_399_999, 1_795_377_600_001, 253_402_300_799_999] as [Int64])
    func roundTrip(milliseconds: Int64) {
        let instant = WallInstant(milliseconds: milliseconds)
        #expect(WallInstant(rfc3339: instant.rfc3339) == instant)
    }
}
