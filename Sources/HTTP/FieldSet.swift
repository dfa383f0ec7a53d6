// SPDX-License-Identifier: Apache-2.0

/// A set of known fields, as one word.
package struct FieldSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    package init() {}

    package init(_ fields: [KnownField]) {
        for field in fields { insert(field) }
    }

    @inline(__always)
    package func contains(_ field: KnownField) -> Bool { bits & Self.bit(field) != 0 }

    @inline(__always)
    package mutating func insert(_ field: KnownField) { bits |= Self.bit(field) }

    @inline(__always)
    private static func bit(_ field: KnownField) -> UInt64 { 1 &<< UInt64(field.rawValue) }
}
