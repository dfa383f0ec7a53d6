// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("A wall-clock instant")
struct WallInstantTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let seconds: Int64
        let rfc3339: String
        let imfFixdate: String
        var testDescription: String { rfc3339 }
    }

    /// As date(1) has them.
    static let cases: [Case] = [
        Case(seconds: 0, rfc3339: "1970-01-01T00:00:00.000Z", imfFixdate: "Thu, 01 Jan 1970 00:00:00 GMT"),
        Case(seconds: -1, rfc3339: "1969-12-31T23:59:59.000Z", imfFixdate: "Wed, 31 Dec 1969 23:59:59 GMT"),
        Case(seconds: 784_111_777, rfc3339: "1994-11-06T08:49:37.000Z", imfFixdate: "Sun, 06 Nov 1994 08:49:37 GMT"),
        Case(seconds: 951_782_399, rfc3339: "2000-02-28T23:59:59.000Z", imfFixdate: "Mon, 28 Feb 2000 23:59:59 GMT"),
        Case(seconds: 951_782_400, rfc3339: "2000-02-29T00:00:00.000Z", imfFixdate: "Tue, 29 Feb 2000 00:00:00 GMT"),
        Case(seconds: 951_868_800, rfc3339: "2000-03-01T00:00:00.000Z", imfFixdate: "Wed, 01 Mar 2000 00:00:00 GMT"),
        Case(seconds: 1_709_164_800, rfc3339: "2024-02-29T00:00:00.000Z", imfFixdate: "Thu, 29 Feb 2024 00:00:00 GMT"),
        Case(seconds: 1_795_264_200, rfc3339: "2026-11-21T12:30:00.000Z", imfFixdate: "Sat, 21 Nov 2026 12:30:00 GMT"),
        Case(seconds: 2_147_483_648, rfc3339: "2038-01-19T03:14:08.000Z", imfFixdate: "Tue, 19 Jan 2038 03:14:08 GMT"),
        Case(seconds: 4_107_542_399, rfc3339: "2100-02-28T23:59:59.000Z", imfFixdate: "Sun, 28 Feb 2100 23:59:59 GMT"),
        Case(seconds: 4_107_542_400, rfc3339: "2100-03-01T00:00:00.000Z", imfFixdate: "Mon, 01 Mar 2100 00:00:00 GMT"),
        Case(
            seconds: 253_402_300_799,
            rfc3339: "9999-12-31T23:59:59.000Z",
            imfFixdate: "Fri, 31 Dec 9999 23:59:59 GMT"
        ),
        Case(
            seconds: -62_167_219_200,
            rfc3339: "0000-01-01T00:00:00.000Z",
            imfFixdate: "Sat, 01 Jan 0000 00:00:00 GMT"
        ),
    ]

    @Test("is the calendar's", arguments: cases)
    func calendar(_ testCase: Case) {
        let instant = WallInstant(seconds: testCase.seconds)
        #expect(instant.rfc3339 == testCase.rfc3339)
        #expect(instant.imfFixdate == testCase.imfFixdate)
        let fields = instant.calendar
        let second = fields.hour * 3600 + fields.minute * 60 + fields.second
        #expect(
            WallInstant(year: fields.year, month: fields.month, day: fields.day, secondOfDay: second) == instant
        )
    }

    @Test("of every day of four centuries comes back from its date, each a day later than the last")
    func everyDay() {
        let first = WallInstant(seconds: 946_684_800)
        var previous = WallInstant(seconds: first.seconds - 86_400).calendar
        for day in 0..<146_097 {
            let instant = WallInstant(seconds: first.seconds + Int64(day) * 86_400)
            let fields = instant.calendar
            guard WallInstant(year: fields.year, month: fields.month, day: fields.day) == instant,
                fields.weekday == (previous.weekday + 1) % 7,
                fields.day == previous.day + 1 || fields.day == 1,
                (fields.year, fields.month, fields.day) > (previous.year, previous.month, previous.day)
            else {
                Issue.record("\(instant.rfc3339) after \(previous)")
                return
            }
            previous = fields
        }
        // The Gregorian calendar repeats after 400 years, weekdays included.
        #expect(previous.year == 2399 && previous.month == 12 && previous.day == 31)
        #expect(WallInstant(seconds: first.seconds + 146_097 * 86_400).calendar.weekday == first.calendar.weekday)
    }

    @Test("comes back from its date and its milliseconds", arguments: UInt64(1)...200)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let instant = WallInstant(seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &random))
        let fields = instant.calendar
        let second = fields.hour * 3600 + fields.minute * 60 + fields.second
        #expect(
            WallInstant(year: fields.year, month: fields.month, day: fields.day, secondOfDay: second) == instant
        )
        let milliseconds = instant.milliseconds + Int64.random(in: 0..<1000, using: &random)
        #expect(WallInstant(milliseconds: milliseconds).milliseconds == milliseconds)
    }

    static let impossible = [
        (2023, 2, 29), (2100, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1),
        (2024, 1, 0), (2024, 1, 32), (2024, -1, 1),
    ]

    @Test("is not made of a day that is not there", arguments: impossible)
    func refuses(year: Int, month: Int, day: Int) {
        #expect(WallInstant(year: year, month: month, day: day) == nil)
    }

    @Test("is not made of a second outside the day", arguments: [-1, 86_400])
    func refusesSecond(_ second: Int) {
        #expect(WallInstant(year: 2024, month: 1, day: 1, secondOfDay: second) == nil)
    }

    @Test("carries from and to whole seconds", arguments: UInt64(1)...100)
    func arithmetic(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let start = WallInstant(
            seconds: Int64.random(in: -5...5, using: &random),
            nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &random)
        )
        let step = Duration.nanoseconds(Int64.random(in: -3_000_000_000...3_000_000_000, using: &random))
        let end = start + step
        #expect(end.nanoseconds < 1_000_000_000)
        #expect(end - start == step)
        #expect((end < start) == (step < .zero))
    }

    @Test("is written with each number in its place", arguments: UInt64(1)...200)
    func text(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let instant = WallInstant(
            seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &random),
            nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &random)
        )
        let fields = instant.calendar
        let numbers = [fields.year + 10_000, fields.month + 100, fields.day + 100]
        let times = [fields.hour + 100, fields.minute + 100, fields.second + 100]
        let date = numbers.map { "\($0)".dropFirst() }.joined(separator: "-")
        let time = times.map { "\($0)".dropFirst() }.joined(separator: ":")
        let milliseconds = "\(instant.nanoseconds / 1_000_000 + 1000)".dropFirst()
        #expect(instant.rfc3339 == "\(date)T\(time).\(milliseconds)Z")
    }

    @Test("keeps milliseconds before 1970 in order")
    func negativeMilliseconds() {
        let instant = WallInstant(milliseconds: -1)
        #expect(instant == WallInstant(seconds: -1, nanoseconds: 999_000_000))
        #expect(instant.rfc3339 == "1969-12-31T23:59:59.999Z")
    }
}

@Suite("A monotonic instant")
struct MonotonicInstantTests {
    @Test("stays within what a clock can show")
    func saturates() {
        let instant = MonotonicInstant(nanoseconds: 5)
        #expect(instant + .nanoseconds(-6) == MonotonicInstant(nanoseconds: 0))
        #expect(instant + .nanoseconds(-5) == MonotonicInstant(nanoseconds: 0))
        #expect(.distantFuture + .seconds(1) == .distantFuture)
        #expect(instant + .seconds(Int64.max / 4) > instant)
        #expect(MonotonicInstant(nanoseconds: .max - 1) + .nanoseconds(1) == .distantFuture)
    }

    @Test("tells the time between two, either way")
    func difference() {
        let (early, late) = (MonotonicInstant(nanoseconds: 10), MonotonicInstant(nanoseconds: 25))
        #expect(late - early == .nanoseconds(15))
        #expect(early - late == .nanoseconds(-15))
        #expect(.distantFuture - early == .nanoseconds(Int64.max))
    }

    @Test("is reached from durations longer than 64 bits of nanoseconds by clamping")
    func clamps() {
        #expect(Duration.seconds(Int64.max).nanosecondsClamped == .max)
        #expect(Duration.seconds(Int64.min).nanosecondsClamped == .min)
        #expect(Duration.nanoseconds(-1_500_000).milliseconds == -1)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: -999_999_999).nanosecondsClamped == 0)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999).nanosecondsClamped == 1)
        // Either side of what is divided in 64 bits: 2^72 attoseconds.
        #expect(Duration.nanoseconds(4_722_366_482_869).nanosecondsClamped == 4_722_366_482_869)
        #expect(Duration.nanoseconds(4_722_366_482_870).nanosecondsClamped == 4_722_366_482_870)
        #expect(Duration.seconds(Int64.max).nanosecondsClamped == .max)
        #expect(Duration.seconds(Int64.min).milliseconds == .min)
        #expect(Duration.milliseconds(1500).nanosecondsClamped == 1_500_000_000)
    }

    @Test(
        "is written to the nanosecond, too",
        arguments: [
            (0, "000000000"), (1, "000000001"), (999_999_999, "999999999"), (120_000_034, "120000034"),
            (1_000_000, "001000000"), (999_999, "000999999"),
        ] as [(UInt32, String)]
    )
    func nanoseconds(_ value: UInt32, _ digits: String) {
        var buffer = ByteBuffer()
        buffer.append(rfc3339Nanoseconds: WallInstant(seconds: 1_795_264_200, nanoseconds: value))
        #expect(String(buffer.bytes) == "2026-11-21T12:30:00.\(digits)Z")
    }
}
