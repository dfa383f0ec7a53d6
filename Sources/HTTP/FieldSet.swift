// SPDX-License-Identifier: Apache-2.0

/// A set of known fields, as one word.
@usableFromInline package struct FieldSet: Hashable, Sendable {
    @usableFromInline var bits: UInt64 = 0

    @inlinable @inline(__always)
    package init() {}

    package init(_ fields: [KnownField]) {
        for field in fields { insert(field) }
    }

    @inlinable @inline(__always)
    package func contains(_ field: KnownField) -> Bool { bits & Self.bit(field) != 0 }

    @inlinable @inline(__always)
    package mutating func insert(_ field: KnownField) { bits |= Self.bit(field) }

    /// The set and `field`; of constants the compiler makes one.
    @inlinable @inline(__always)
    package func with(_ field: KnownField) -> FieldSet {
        var set = self
        set.insert(field)
        return set
    }

    /// All that are in one of the two.
    @inlinable @inline(__always)
    package func union(_ other: FieldSet) -> FieldSet {
        var both = self
        both.bits |= other.bits
        return both
    }

    @inlinable @inline(__always)
    static func bit(_ field: KnownField) -> UInt64 { 1 &<< UInt64(field.rawValue) }
}
