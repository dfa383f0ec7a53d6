// SPDX-License-Identifier: Apache-2.0
package import Base

/// The Retry-After field: seconds or a date (RFC 9110 §10.2.3).
package enum RetryAfter {
    /// The wait from `now`; nothing for what is neither, and zero for a date that has passed.
    package static func parse(_ value: String, now: WallInstant) -> Duration? {
        if (1...9).contains(value.utf8.count), value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(value).map { .seconds($0) }
        }
        return date(value).map { max(.zero, $0 - now) }
    }

    /// Reads an IMF-fixdate, `Sat, 21 Nov 2026 12:30:00 GMT`; the obsolete forms are not worth their risk.
    private static func date(_ value: String) -> WallInstant? {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let day = Int(parts[1]), let year = Int(parts[3]), let hour = Int(time[0]),
            let minute = Int(time[1]), let second = Int(time[2]),
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        let secondOfDay = min(hour * 3600 + minute * 60 + second, 86_399)
        let instant = WallInstant(year: year, month: month + 1, day: day, secondOfDay: secondOfDay)
        // One spelling only: the weekday must agree, and so must every zero.
        guard let instant, second == 60 || instant.imfFixdate == value else { return nil }
        return instant
    }
}
