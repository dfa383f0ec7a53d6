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

    @usableFromInline @inline(never)
    package func wideAtEnd(at offset: Int) -> SIMD16<UInt8> {
        let rest = count &- offset
        invariant(offset >= 0 && rest >= 0 && rest < 16, "not the end of the span")
        // SAFETY: every load begins at or behind the offset and ends at or before the span's end.
        return unsafe bytes.withUnsafeBytes { all in
            func load<Word: FixedWidthInteger>(_ place: Int, as word: Word.Type) -> UInt64 {
                UInt64(
                    truncatingIfNeeded: Word(littleEndian: unsafe all.loadUnaligned(fromByteOffset: place, as: word))
                )
            }
            // Two loads that overlap: what the second has in common with the first is the same bytes.
            let end = count
            switch rest {
            case 9...:
                let high = load(end &- 8, as: UInt64.self) &>> UInt64((16 &- rest) &* 8)
                return SIMD16(words: (load(offset, as: UInt64.self), high))
            case 8: return SIMD16(words: (load(offset, as: UInt64.self), 0))
            case 4...:
                let high = load(end &- 4, as: UInt32.self) &<< UInt64((rest &- 4) &* 8)
                return SIMD16(words: (load(offset, as: UInt32.self) | high, 0))
            case 2...:
                let high = load(end &- 2, as: UInt16.self) &<< UInt64((rest &- 2) &* 8)
                return SIMD16(words: (load(offset, as: UInt16.self) | high, 0))
            case 1: return SIMD16(words: (load(offset, as: UInt8.self), 0))
            default: return SIMD16()
            }
        }
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

    /// The two bytes from `offset` on, the first in the lower bits.
    ///
    /// - Precondition: both lie in the span.
    @inlinable @inline(__always)
    package func pair(at offset: Int) -> UInt16 {
        invariant(offset >= 0 && offset <= count &- 2, "pair outside the span")
        // SAFETY: two bytes from offset on lie in the span.
        return UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
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

/// Sixteen answers, one for each byte.
@usableFromInline package typealias LaneMask = SIMDMask<SIMD16<Int8>>

extension SIMD16<UInt8> {
    /// The lanes from `first` to `last`, both included.
    @inlinable @inline(__always)
    package func isIn(_ first: UInt8, _ last: UInt8) -> LaneMask {
        (self &- SIMD16(repeating: first)) .<= SIMD16(repeating: last &- first)
    }

    /// The lanes that are not: those from behind `last`, past 0xff, to before `first`.
    ///
    /// A comparison that ``LaneMask/isAnySet`` reads in one instruction; the negation of one costs three more.
    @inlinable @inline(__always)
    package func isNotIn(_ first: UInt8, _ last: UInt8) -> LaneMask { isIn(last &+ 1, first &- 1) }

    /// The lanes that are `byte`.
    @inlinable @inline(__always)
    package func equals(_ byte: UInt8) -> LaneMask { self .== SIMD16(repeating: byte) }

    /// The lanes that are an ASCII letter in any case.
    @inlinable @inline(__always)
    package var isLetter: LaneMask { (self | SIMD16(repeating: 0x20)).isIn(UInt8(ascii: "a"), UInt8(ascii: "z")) }

    /// The lanes that are a decimal digit.
    @inlinable @inline(__always)
    package var isDigit: LaneMask { isIn(UInt8(ascii: "0"), UInt8(ascii: "9")) }
}

extension SIMD16<UInt8> {
    /// True when all sixteen bytes are the same; the standard operator goes lane by lane.
    @inlinable @inline(__always)
    package func isSame(as other: SIMD16<UInt8>) -> Bool {
        // SAFETY: both types are sixteen plain bytes.
        unsafe unsafeBitCast(self, to: UInt128.self) == unsafeBitCast(other, to: UInt128.self)
    }
}

extension LaneMask {
    /// The lanes as bytes, all bits set for true.
    ///
    /// The mask's own reductions go lane by lane; a comparison of all bits with zero is two instructions.
    @inlinable @inline(__always)
    var bits: UInt128 {
        // SAFETY: both types are sixteen plain bytes.
        unsafe unsafeBitCast(self, to: UInt128.self)
    }

    /// True when one lane is.
    @inlinable @inline(__always)
    package var isAnySet: Bool { bits != 0 }

    /// The first lane that is set; 16 when none is.
    @inlinable @inline(__always)
    package var firstSetLane: Int {
        let bits = UInt128(littleEndian: bits)
        let low = UInt64(truncatingIfNeeded: bits)
        if low != 0 { return low.trailingZeroBitCount >> 3 }
        return 8 &+ UInt64(truncatingIfNeeded: bits >> 64).trailingZeroBitCount >> 3
    }
}

extension Span<UInt8> {
    /// The first index in `from..<to` whose byte `marked` marks; `to` when it marks none of them.
    ///
    /// - Precondition: both lie in the span or at its end.
    /// - Parameter marked: looks at each byte alone; bytes behind `to` and zeros may be shown to it, too.
    @inlinable @inline(__always)
    package func firstIndex(from: Int, to: Int, where marked: (SIMD16<UInt8>) -> LaneMask) -> Int {
        invariant(from >= 0 && to <= count, "a search outside the span")
        var index = from
        while index < to {
            let chunk: SIMD16<UInt8>
            if index <= count &- 16 {
                // SAFETY: 0 <= from <= index <= count - 16, so that sixteen bytes from index on lie in the span.
                chunk = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD16<UInt8>.self)
            } else {
                chunk = wideAtEnd(at: index)
            }
            let mask = marked(chunk)
            if mask.isAnySet { return Swift.min(index &+ mask.firstSetLane, to) }
            index &+= 16
        }
        return to
    }
}

extension Span<UInt8> {
    /// The first index from `from` on whose byte `marked` marks; ``count`` when it marks none.
    ///
    /// - Precondition: `from` lies in the span or at its end.
    /// - Parameter marked: looks at each byte alone; zeros behind the end are shown to it, too.
    @inlinable @inline(__always)
    package func firstIndex(from: Int, where marked: (SIMD16<UInt8>) -> LaneMask) -> Int {
        invariant(from >= 0 && from <= count, "a search outside the span")
        var index = from
        while index <= count &- 16 {
            // SAFETY: 0 <= from <= index <= count - 16, so that sixteen bytes from index on lie in the span.
            let mask = marked(
                unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD16<UInt8>.self)
            )
            if mask.isAnySet { return index &+ mask.firstSetLane }
            index &+= 16
        }
        return index < count ? Swift.min(index &+ marked(wideAtEnd(at: index)).firstSetLane, count) : count
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
