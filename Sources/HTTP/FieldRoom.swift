// SPDX-License-Identifier: Apache-2.0

/// Room for the fields of one head, lent to one head after another: a connection that waits for its next request
/// needs none.
package struct FieldRoom: Sendable {
    /// An array, because reading one element of an `InlineArray` through an accessor copies all of it (Swift 6.3).
    var storage = [Field](repeating: .none, count: HeadLimits.fieldCountCeiling)

    package init() {}
}

extension RequestHead {
    /// A head that must ``take(_:)`` room before it is parsed into.
    package static var withoutRoom: RequestHead { RequestHead(fields: FieldTable(withoutRoom: ())) }

    /// Takes `room`, if this head has none; makes some where somebody else has it.
    package mutating func take(_ room: inout FieldRoom) {
        guard fields.storage.isEmpty else { return }
        swap(&fields.storage, &room.storage)
        if fields.storage.isEmpty { fields.storage = FieldRoom().storage }
    }

    /// Gives its room back, and forgets its fields with it; what the rest of the head says stays.
    package mutating func giveBack(_ room: inout FieldRoom) {
        fields.facts.removeAll()
        if room.storage.isEmpty { swap(&fields.storage, &room.storage) } else { fields.storage = [] }
    }
}
