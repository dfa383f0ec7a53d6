// SPDX-License-Identifier: Apache-2.0

extension WallInstant {
    /// Reads `2026-11-22T20:00:00Z`, with at most nine digits of a fraction (RFC 3339 §5.6).
    ///
    /// Nothing for another offset than UTC, for a leap second and for a day that is not there.
    package init?(rfc3339 text: some StringProtocol) {
        var bytes = Array(text.utf8)
        guard (20...30).contains(bytes.count), bytes.removeLast() == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(0) { value, byte in
                value.flatMap { (0x30...0x39).contains(byte) ? $0 * 10 + Int(byte - 0x30) : nil }
            }
        }
        let marks: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
            (16, UInt8(ascii: ":")),
        ]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1 }), let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), hour < 24, minute < 60, second < 60
        else { return nil }
        self.init(year: year, month: month, day: day, secondOfDay: hour * 3600 + minute * 60 + second)
        guard bytes.count > 19 else { return }
        guard bytes[19] == UInt8(ascii: "."), bytes.count > 20, let fraction = number(20..<bytes.count) else {
            return nil
        }
        nanoseconds = UInt32((bytes.count..<29).reduce(fraction) { value, _ in value * 10 })
    }
}
