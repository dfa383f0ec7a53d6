// SPDX-License-Identifier: Apache-2.0

/// Wide loads for the scanners: eight or sixteen bytes of a span at once, bounds checked.
///
/// Inlinable, because a call per sixteen bytes would cost more than it saves.
extension Span<UInt8> {
    /// The sixteen bytes from `offset` on.
    ///
    /// - Precondition: all sixteen lie in the span.
    @inlinable @inline(__always)
    package func wide(at offset: Int) -> SIMD16<UInt8> {
        invariant(offset >= 0 && offset <= count - 16, "wide load outside the span")
        // SAFETY: sixteen bytes from offset on lie in the span.
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// The sixteen bytes from `offset` on, zeros where the span has ended.
    ///
    /// - Precondition: `offset` lies in the span or at its end.
    @inlinable @inline(__always)
    package func widePadded(at offset: Int) -> SIMD16<UInt8> {
        offset >= 0 && offset <= count &- 16 ? wide(at: offset) : wideAtEnd(at: offset)
    }

    @inlinable
    package func wideAtEnd(at offset: Int) -> SIMD16<UInt8> {
        invariant(offset >= 0 && offset <= count, "wide load outside the span")
        guard count >= 16 else {
            var bytes = SIMD16<UInt8>()
            for index in offset..<count { bytes[index &- offset] = self[index] }
            return bytes
        }
        // The last sixteen there are, moved down by what lies before the offset.
        let (low, high) = wide(at: count &- 16).words
        let bits = UInt64(truncatingIfNeeded: (offset &- (count &- 16)) &* 8)
        if bits >= 64 { return SIMD16(words: (high >> (bits &- 64), 0)) }
        return SIMD16(words: (low &>> bits | high << (64 &- bits), high &>> bits))
    }

    /// The eight bytes from `offset` on, the first in the lowest bits.
    ///
    /// - Precondition: all eight lie in the span.
    @inlinable @inline(__always)
    package func word(at offset: Int) -> UInt64 {
        invariant(offset >= 0 && offset <= count - 8, "word load outside the span")
        // SAFETY: eight bytes from offset on lie in the span.
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }
}

extension SIMD16<UInt8> {
    /// The sixteen lanes as two words, lane 0 in the lowest bits of the first.
    @inlinable @inline(__always)
    package var words: (low: UInt64, high: UInt64) {
        // SAFETY: both types are sixteen plain bytes.
        let pair = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: pair[0]), UInt64(littleEndian: pair[1]))
    }
}

extension SIMD16<UInt8> {
    /// Sixteen lanes out of two words, the lowest bits of the first into lane 0.
    @inlinable @inline(__always)
    package init(words: (low: UInt64, high: UInt64)) {
        let pair = SIMD2(words.low.littleEndian, words.high.littleEndian)
        // SAFETY: both types are sixteen plain bytes.
        self = unsafe unsafeBitCast(pair, to: Self.self)
    }
}

/// Lane by lane comparison in plain arithmetic: the top bit of a lane is the answer.
///
/// The standard comparison operators compile to a loop over the lanes here (Swift 6.3), ten times as slow.
extension SIMD16<UInt8> {
    /// Marks each lane that is `bound` or more; only lanes below 0x80 are judged rightly.
    @inlinable @inline(__always)
    package func atLeast(_ bound: UInt8) -> SIMD16<UInt8> { self &+ SIMD16(repeating: 0x80 &- bound) }

    /// Marks each lane from `first` up to, not including, `end`; only lanes below 0x80 are judged rightly.
    @inlinable @inline(__always)
    package func isIn(_ first: UInt8, _ end: UInt8) -> SIMD16<UInt8> { atLeast(first) & ~atLeast(end) }

    /// Marks each lane that is `byte`; only lanes below 0x80 are judged rightly.
    @inlinable @inline(__always)
    package func equals(_ byte: UInt8) -> SIMD16<UInt8> { ~(self ^ SIMD16(repeating: byte)).atLeast(1) }

    /// The first lane whose top bit is set, 16 when none is.
    @inlinable @inline(__always)
    package var firstMarkedLane: Int {
        let (low, high) = words
        let lowMarks = low & 0x8080_8080_8080_8080
        if lowMarks != 0 { return lowMarks.trailingZeroBitCount >> 3 }
        return 8 &+ (high & 0x8080_8080_8080_8080).trailingZeroBitCount >> 3
    }
}

extension StaticString {
    /// - Precondition: `index` is below the count of UTF-8 code units.
    @inlinable @inline(__always)
    package func byte(at index: Int) -> UInt8 {
        invariant(index >= 0 && index < utf8CodeUnitCount, "byte outside the string")
        // SAFETY: a static string's bytes are immortal, and index is below their count.
        return unsafe utf8Start[index]
    }
}
