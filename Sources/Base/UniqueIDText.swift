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
    package mutating func append(_ text: UniqueIDText) { append("", text, "") }

    /// Appends the 36 characters between two texts, with one look at the room there is.
    @inlinable @inline(__always)
    package mutating func append(_ first: StaticString, _ text: UniqueIDText, _ last: StaticString) {
        let (high, low) = (text.high, text.low)
        let hyphen = UInt64(UInt8(ascii: "-"))
        let four: UInt64 = 0xffff_ffff
        reserve(first.utf8CodeUnitCount &+ 40 &+ last.utf8CodeUnitCount)
        appendReserved(first)
        // "xxxxxxxx" "-xxxx-xx" "xx-xxxx-" "xxxxxxxx" "xxxx"
        appendReserved(
            words: [
                high.first,
                hyphen | (high.second & four) << 8 | hyphen << 40 | (high.second >> 32) << 48,
                high.second >> 48 | hyphen << 16 | (low.first & four) << 24 | hyphen << 56,
                low.first >> 32 | low.second << 32,
                low.second >> 32,
            ],
            byteCount: 36
        )
        appendReserved(last)
    }

    /// Appends the 32 digits without hyphens.
    @inlinable @inline(__always)
    package mutating func append(digitsOf text: UniqueIDText) {
        reserve(32)
        appendReserved(words: [text.high.first, text.high.second, text.low.first, text.low.second], byteCount: 32)
    }

    /// Appends the last 16 digits.
    @inlinable @inline(__always)
    package mutating func append(lowDigitsOf text: UniqueIDText) {
        reserve(16)
        appendReserved(words: [text.low.first, text.low.second], byteCount: 16)
    }
}

extension JSONWriter {
    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: UniqueIDText) {
        self.name(name, "\":\"")
        buffer.append("", value, "\"")
    }
}
