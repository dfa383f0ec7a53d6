// SPDX-License-Identifier: Apache-2.0

/// Numbers, identifiers and times as text, eight bytes at a time.
extension ByteBuffer {
    /// Appends `value` in decimal.
    @usableFromInline
    package mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(magnitude: value.magnitude)
    }

    private mutating func append(magnitude: UInt) {
        if magnitude < 10_000 {
            append(digits: Decimal.digits(ofFour: UInt32(truncatingIfNeeded: magnitude)), count: 4)
        } else if magnitude < 100_000_000 {
            append(digits: Decimal.digits(ofEight: UInt32(truncatingIfNeeded: magnitude)), count: 8)
        } else {
            append(magnitude: magnitude / 100_000_000)
            append(word: Decimal.digits(ofEight: UInt32(magnitude % 100_000_000)), byteCount: 8)
        }
    }

    /// Appends the first `count` of these digits without leading zeros, at least the last one.
    @inline(__always)
    private mutating func append(digits: UInt64, count: Int) {
        let zeroCount = min((digits ^ 0x3030_3030_3030_3030).trailingZeroBitCount >> 3, count - 1)
        append(word: digits &>> UInt64(zeroCount &* 8), byteCount: count &- zeroCount)
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
        let (high, low) = (Hex.digits(of: id.high), Hex.digits(of: id.low))
        let hyphen = UInt64(UInt8(ascii: "-"))
        func four(_ digits: UInt64) -> UInt64 { digits & 0xffff_ffff }
        reserve(40)
        // "xxxxxxxx" "-xxxx-xx" "xx-xxxx-" "xxxxxxxx" "xxxx"
        appendReserved(word: high.first, byteCount: 8)
        appendReserved(word: hyphen | four(high.second) << 8 | hyphen << 40 | (high.second >> 32) << 48, byteCount: 8)
        appendReserved(word: high.second >> 48 | hyphen << 16 | four(low.first) << 24 | hyphen << 56, byteCount: 8)
        appendReserved(word: low.first >> 32 | low.second << 32, byteCount: 8)
        appendReserved(word: low.second >> 32, byteCount: 4)
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

    @inline(__always)
    private mutating func append(_ separator: UInt8, two value: Int) {
        append(word: Decimal.digits(ofTwo: UInt32(value)) << 8 | UInt64(separator), byteCount: 3)
    }
}

/// Base 10 with a fixed count of digits, the first in the lowest byte.
private enum Decimal {
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
