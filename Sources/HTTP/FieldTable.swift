// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The fields of one head in the order received, and what follows from them.
///
/// A fixed table: no head allocates, and clearing it is two stores.
package struct FieldTable: Sendable {
    private var storage = InlineArray<64, Field>(repeating: .none)
    package private(set) var count = 0
    /// Known fields that are there at least once.
    package private(set) var present = FieldSet()

    /// What the framing and connection fields said; meaningful only where ``present`` has the field.
    var lengthBytes: UInt64 = 0
    var options = ConnectionOptions()
    var host = HostValue.none

    package init() {}

    package subscript(_ index: Int) -> Field {
        @inline(__always)
        get {
            invariant(index >= 0 && index < count, "no such field")
            return storage[index]
        }
    }

    package var indices: Range<Int> { 0..<count }

    /// The value of the first field known as `known`.
    package func first(_ known: KnownField) -> ByteSlice? {
        guard present.contains(known) else { return nil }
        for index in 0..<count where storage[index].known == known { return storage[index].value }
        return nil
    }

    @inline(__always)
    mutating func removeAll() {
        count = 0
        present = FieldSet()
        options = ConnectionOptions()
    }

    /// - Precondition: there is room.
    @inline(__always)
    mutating func append(_ field: Field) {
        storage[count] = field
        count &+= 1
        present.insert(field.known)
    }
}
