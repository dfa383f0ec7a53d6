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
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// The eight bytes from `offset` on, the first in the lowest bits.
    ///
    /// - Precondition: all eight lie in the span.
    @inlinable @inline(__always)
    package func word(at offset: Int) -> UInt64 {
        invariant(offset >= 0 && offset <= count - 8, "word load outside the span")
        // SAFETY: eight bytes from offset on lie in the span.
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
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

extension SIMDMask<SIMD16<Int8>> {
    /// The first lane that is set, 16 when none is.
    @inlinable @inline(__always)
    package var firstLane: Int {
        // SAFETY: a mask of sixteen lanes is sixteen bytes, each all ones or all zeros.
        let pair = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
        let low = UInt64(littleEndian: pair[0])
        if low != 0 { return low.trailingZeroBitCount >> 3 }
        let high = UInt64(littleEndian: pair[1])
        return 8 + high.trailingZeroBitCount >> 3
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

/// Up to eight ASCII bytes as one word, the first in the lowest bits: a literal the compiler folds.
package struct ASCIIWord: ExpressibleByStringLiteral, Sendable {
    package let bits: UInt64
    /// All ones for the bytes there are.
    package let mask: UInt64

    /// - Precondition: at most eight bytes.
    @inlinable @inline(__always)
    package init(stringLiteral text: StaticString) {
        invariant(text.utf8CodeUnitCount <= 8, "a word holds eight bytes")
        var bits: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            bits |= UInt64(text.byte(at: index)) << UInt64(index &* 8)
        }
        self.bits = bits
        mask = ASCIIWord.mask(byteCount: text.utf8CodeUnitCount)
    }

    /// All ones for the first `byteCount` bytes of a word, eight at most.
    @inlinable @inline(__always)
    package static func mask(byteCount: Int) -> UInt64 {
        byteCount >= 8 ? .max : (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }

    @inlinable @inline(__always)
    package static func == (left: UInt64, right: ASCIIWord) -> Bool { left == right.bits }
}
