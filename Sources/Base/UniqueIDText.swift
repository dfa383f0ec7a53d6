// SPDX-License-Identifier: Apache-2.0

/// The digits of a ``UniqueID``, made once for the several places one request's identifier is written to.
@usableFromInline package struct UniqueIDText: Sendable {
    @usableFromInline let high: (first: UInt64, second: UInt64)
    @usableFromInline let low: (first: UInt64, second: UInt64)

    package init(_ id: UniqueID) {
        high = Hex.digits(of: id.high)
        low = Hex.digits(of: id.low)
    }
}

extension ByteBuffer {
    /// Appends the 36 characters of the lower-case form.
    @inlinable @inline(__always)
    package mutating func append(_ text: UniqueIDText) {
        let hyphen = UInt64(UInt8(ascii: "-"))
        reserve(48)
        append(word: text.high.first, byteCount: 8)
        append(word: text.high.second << 8 | hyphen, byteCount: 5)
        append(word: text.high.second >> 24 & ~0xff | hyphen, byteCount: 5)
        append(word: text.low.first << 8 | hyphen, byteCount: 5)
        append(word: text.low.first >> 24 & ~0xff | hyphen, byteCount: 5)
        append(word: text.low.second, byteCount: 8)
    }

    /// Appends the 32 digits without hyphens.
    @inlinable @inline(__always)
    package mutating func append(digitsOf text: UniqueIDText) {
        append(word: text.high.first, byteCount: 8)
        append(word: text.high.second, byteCount: 8)
        append(lowDigitsOf: text)
    }

    /// Appends the last 16 digits.
    @inlinable @inline(__always)
    package mutating func append(lowDigitsOf text: UniqueIDText) {
        append(word: text.low.first, byteCount: 8)
        append(word: text.low.second, byteCount: 8)
    }
}

extension JSONWriter {
    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: UniqueIDText) {
        self.name(name, "\":\"")
        buffer.append(value)
        buffer.append(UInt8(ascii: "\""))
    }
}
