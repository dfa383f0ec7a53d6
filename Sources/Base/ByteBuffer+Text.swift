// SPDX-License-Identifier: Apache-2.0

/// Numbers, identifiers and times as text, eight bytes at a time.
extension ByteBuffer {
    /// Appends `value` in decimal.
    @inlinable @inline(__always)
    package mutating func append(decimal value: Int) {
        if value >= 0, value < 100_000_000 {
            let digits = Decimal.digits(of: UInt32(truncatingIfNeeded: value))
            append(word: digits.word, byteCount: digits.count)
        } else {
            self = (consume self).appending(largeDecimal: value)
        }
    }

    @usableFromInline @inline(never)
    consuming func appending(largeDecimal value: Int) -> ByteBuffer {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(magnitude: value.magnitude)
        return self
    }

    private mutating func append(magnitude: UInt) {
        if magnitude < 100_000_000 {
            let digits = Decimal.digits(of: UInt32(magnitude))
            append(word: digits.word, byteCount: digits.count)
        } else {
            append(magnitude: magnitude / 100_000_000)
            append(word: Decimal.digits(ofEight: UInt32(magnitude % 100_000_000)), byteCount: 8)
        }
    }

    /// Appends `value` in lower-case hexadecimal without leading zeros (RFC 9112 §7.1 chunk-size).
    package mutating func append(hexadecimal value: Int) {
        invariant(value >= 0, "a size is never negative")
        let leadingZeroCount = min(value.leadingZeroBitCount / 4, 15)
        let digits = Hex.digits(of: UInt64(value) << UInt64(leadingZeroCount * 4))
        let count = 16 - leadingZeroCount
        append(word: digits.first, byteCount: min(count, 8))
        append(word: digits.second, byteCount: max(count - 8, 0))
    }

    /// Appends all sixteen digits of `word` in lower-case hexadecimal, leading zeros too.
    package mutating func append(sixteenDigits word: UInt64) {
        let digits = Hex.digits(of: word)
        append(word: digits.first, byteCount: 8)
        append(word: digits.second, byteCount: 8)
    }

    /// Appends the 36 characters of the lower-case form.
    @usableFromInline
    package mutating func append(_ id: UniqueID) {
        append(UniqueIDText(id))
    }

    /// Appends `2026-11-21T12:30:00.123Z` (RFC 3339 §5.6), millisecond precision.
    ///
    /// A year before 0 or past 9999 is written with all its digits, which the RFC does not know.
    package mutating func append(rfc3339 instant: WallInstant) {
        let fields = instant.calendar
        if fields.year >= 0, fields.year <= 9999 {
            append(word: Decimal.digits(ofFour: UInt32(fields.year)), byteCount: 4)
        } else {
            append(decimal: fields.year)
        }
        append(UInt8(ascii: "-"), two: fields.month)
        append(UInt8(ascii: "-"), two: fields.day)
        append(UInt8(ascii: "T"), two: fields.hour)
        append(UInt8(ascii: ":"), two: fields.minute)
        append(UInt8(ascii: ":"), two: fields.second)
        let milliseconds = Decimal.digits(ofFour: instant.nanoseconds / 1_000_000)
        // ".123Z": the first of the four digits is always zero, and gives its place to the point.
        let point = UInt64(UInt8(ascii: ".")) | UInt64(UInt8(ascii: "Z")) << 32
        append(word: milliseconds & 0xffff_ff00 | point, byteCount: 5)
    }

    /// Appends `2026-11-21T12:30:00.123456789Z` (RFC 3339 §5.6), to the nanosecond.
    package mutating func append(rfc3339Nanoseconds instant: WallInstant) {
        append(rfc3339: instant)
        // Behind the milliseconds, in place of the `Z`.
        truncate(to: count - 1)
        let rest = instant.nanoseconds % 1_000_000
        append(word: Decimal.digits(ofEight: rest) >> 16, byteCount: 6)
        append(UInt8(ascii: "Z"))
    }

    @inline(__always)
    private mutating func append(_ separator: UInt8, two value: Int) {
        append(word: Decimal.digits(ofTwo: UInt32(value)) << 8 | UInt64(separator), byteCount: 3)
    }
}

/// Base 10, the first digit in the lowest byte.
@usableFromInline enum Decimal {
    /// Without leading zeros.
    ///
    /// - Precondition: `value` is below 100,000,000.
    @usableFromInline @inline(never)
    static func digits(of value: UInt32) -> (word: UInt64, count: Int) {
        if value < 10 { return (UInt64(0x30 + value), 1) }
        if value < 100 { return (digits(ofTwo: value), 2) }
        if value < 1000 { return (digits(ofFour: value) >> 8, 3) }
        if value < 10_000 { return (digits(ofFour: value), 4) }
        let word = digits(ofEight: value)
        let zeroCount = (word ^ 0x3030_3030_3030_3030).trailingZeroBitCount >> 3
        return (word &>> UInt64(zeroCount &* 8), 8 &- zeroCount)
    }

    /// - Precondition: `value` is below 100.
    @inline(__always)
    static func digits(ofTwo value: UInt32) -> UInt64 { UInt64(0x3030 + value / 10 + (value % 10) << 8) }

    /// - Precondition: `value` is below 10,000.
    @inline(__always)
    static func digits(ofFour value: UInt32) -> UInt64 {
        digits(ofTwo: value / 100) | digits(ofTwo: value % 100) << 16
    }

    /// - Precondition: `value` is below 100,000,000.
    @inline(__always)
    static func digits(ofEight value: UInt32) -> UInt64 {
        digits(ofFour: value / 10_000) | digits(ofFour: value % 10_000) << 32
    }
}
