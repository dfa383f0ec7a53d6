// SPDX-License-Identifier: Apache-2.0

/// A point in UTC: for certificates, logs and what is stored; never for timers.
package struct WallInstant: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z; may be negative.
    package var seconds: Int64
    /// 0 ..< 1,000,000,000.
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package init(milliseconds: Int64) {
        let remainder = ((milliseconds % 1000) + 1000) % 1000
        seconds = (milliseconds - remainder) / 1000
        nanoseconds = UInt32(remainder) * 1_000_000
    }

    package var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    package static func + (left: Self, right: Duration) -> Self {
        let (seconds, attoseconds) = right.components
        var total = Int64(left.nanoseconds) + attoseconds / 1_000_000_000
        var carried = left.seconds + seconds
        if total < 0 {
            total += 1_000_000_000
            carried -= 1
        } else if total >= 1_000_000_000 {
            total -= 1_000_000_000
            carried += 1
        }
        return Self(seconds: carried, nanoseconds: UInt32(total))
    }

    package static func - (left: Self, right: Self) -> Duration {
        .seconds(left.seconds - right.seconds) + .nanoseconds(Int64(left.nanoseconds) - Int64(right.nanoseconds))
    }
}

extension WallInstant {
    /// The calendar fields of an instant in UTC, proleptic Gregorian.
    package struct Calendar: Hashable, Sendable {
        package var year: Int
        package var month: Int
        package var day: Int
        package var hour: Int
        package var minute: Int
        package var second: Int
        /// 0 is Sunday.
        package var weekday: Int
    }

    package var calendar: Calendar {
        let daySeconds: Int64 = 86_400
        let secondOfDay = ((seconds % daySeconds) + daySeconds) % daySeconds
        let days = (seconds - secondOfDay) / daySeconds
        // Days to civil date, counted in 400-year eras that start on 1 March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return Calendar(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)),
            month: Int(month),
            day: Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1),
            hour: Int(secondOfDay / 3600),
            minute: Int(secondOfDay / 60 % 60),
            second: Int(secondOfDay % 60),
            weekday: Int(((days + 4) % 7 + 7) % 7)
        )
    }

    /// Midnight UTC of a calendar day, or nothing when there is no such day.
    package init?(year: Int, month: Int, day: Int, secondOfDay: Int = 0) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day), (0..<86_400).contains(secondOfDay)
        else { return nil }
        let yearShifted = Int64(month <= 2 ? year - 1 : year)
        let era = (yearShifted >= 0 ? yearShifted : yearShifted - 399) / 400
        let yearOfEra = yearShifted - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(seconds: (era * 146_097 + dayOfEra - 719_468) * 86_400 + Int64(secondOfDay))
    }

    /// `2026-11-21T12:30:00.123Z` (RFC 3339 §5.6), millisecond precision.
    package var rfc3339: String {
        var text = ByteBuffer(capacity: 32)
        text.append(rfc3339: self)
        return String(text.bytes)
    }

    /// `Sat, 21 Nov 2026 12:30:00 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
    package var imfFixdate: String {
        let fields = calendar
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = "\(fields.hour.padded(2)):\(fields.minute.padded(2)):\(fields.second.padded(2))"
        let date = "\(fields.day.padded(2)) \(months[fields.month - 1]) \(fields.year.padded(4))"
        return "\(weekdays[fields.weekday]), \(date) \(time) GMT"
    }
}

extension Int {
    /// Decimal digits with leading zeros up to `width`.
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
