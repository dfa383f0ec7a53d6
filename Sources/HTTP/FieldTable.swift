// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The fields of one head in the order received, and what follows from them.
///
/// Room for all is made once, with the table or with a ``FieldRoom``: no head allocates, and clearing is three stores.
package struct FieldTable: Sendable {
    /// Of ``FieldRoom``; empty while there is no room.
    var storage: [Field]
    var facts = FieldFacts()

    package init() { storage = FieldRoom().storage }

    init(withoutRoom: Void) { storage = [] }

    package var count: Int { facts.count }

    package var indices: Range<Int> { 0..<facts.count }

    /// Known fields that are there at least once.
    package var present: FieldSet { facts.present }

    package subscript(_ index: Int) -> Field {
        invariant(index >= 0 && index < facts.count, "no such field")
        return storage[index]
    }

    /// The value of the first field known as `known`.
    package func first(_ known: KnownField) -> ByteSlice? {
        guard facts.present.contains(known) else { return nil }
        let all = storage.span
        for index in 0..<min(count, all.count) where all[index].known == known { return all[index].value }
        return nil
    }
}

/// What is known about a head's fields together.
struct FieldFacts: Sendable {
    var count = 0
    var present = FieldSet()
    /// What the framing and connection fields said; meaningful only where ``present`` has the field.
    var lengthBytes: UInt64 = 0
    var options = ConnectionOptions()
    var host = HostValue.none

    @inline(__always)
    mutating func removeAll() {
        count = 0
        present = FieldSet()
        options = ConnectionOptions()
    }
}
