// SPDX-License-Identifier: Apache-2.0
internal import Base

extension WallInstant {
    /// `2026-11-22T20:00Z`, with seconds and a fraction or without, in UTC (RFC 3339 §5.6); a fraction is dropped.
    init?(typed text: String) {
        let parts = text.uppercased().split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasSuffix("Z"), let day = Self.numbers(parts[0], "-", widths: [4, 2, 2]) else {
            return nil
        }
        let clock = parts[1].dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard clock.count == 1 || clock.count == 2 && clock[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let time = Self.numbers(clock[0], ":", widths: [2, 2, 2]) ?? Self.numbers(clock[0], ":", widths: [2, 2]),
            clock.count == 1 || time.count == 3, time[0] < 24, time[1] < 60, time.count < 3 || time[2] < 60
        else { return nil }
        let second = time[0] * 3600 + time[1] * 60 + (time.count > 2 ? time[2] : 0)
        self.init(year: day[0], month: day[1], day: day[2], secondOfDay: second)
    }

    private static func numbers(_ text: Substring, _ separator: Character, widths: [Int]) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == widths, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        return parts.compactMap { Int($0) }
    }
}
