// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A place in the bytes a head was parsed from; meaningless without them.
///
/// Sixteen bits a side, because ``HeadLimits`` keeps heads below 64 KiB and a connection keeps 64 fields.
@usableFromInline package struct ByteSlice: Hashable, Sendable {
    @usableFromInline let start16: UInt16
    @usableFromInline let count16: UInt16

    /// The place of nothing.
    package static let none = ByteSlice(0, 0)

    /// From `start` up to, not including, `end`.
    @inlinable @inline(__always)
    package init(_ start: Int, _ end: Int) {
        start16 = UInt16(truncatingIfNeeded: start)
        count16 = UInt16(truncatingIfNeeded: end &- start)
    }

    @inlinable @inline(__always)
    package var start: Int { Int(start16) }

    @inlinable @inline(__always)
    package var count: Int { Int(count16) }

    @inlinable @inline(__always)
    package var end: Int { start &+ count }

    @inlinable @inline(__always)
    package var range: Range<Int> { start..<end }

    @inlinable @inline(__always)
    package var isEmpty: Bool { count16 == 0 }
}

extension Span<UInt8> {
    /// The bytes at `slice`.
    ///
    /// - Precondition: this is the span, or a longer one with the same start, that `slice` was found in.
    package subscript(_ slice: ByteSlice) -> Span<UInt8> {
        @_lifetime(copy self)
        @inlinable @inline(__always)
        get { extracting(slice.range) }
    }
}
