// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A loop's connections by token; a token whose connection is gone finds nothing, even when its
/// place has been taken again.
struct ConnectionTable {
    private struct Slot {
        var connection: Connection?
        var generation: UInt32 = 0
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private var acceptedCount = 0

    var isEmptyOfAccepted: Bool { acceptedCount == 0 }
    var count: Int { slots.count - free.count }

    /// - Returns: the token: generation in the upper half, place in the lower.
    mutating func insert(_ connection: Connection) -> UInt64 {
        if connection.isAccepted { acceptedCount += 1 }
        let place: Int
        if let last = free.popLast() {
            place = last
        } else {
            place = slots.count
            slots.append(Slot())
        }
        slots[place].connection = connection
        return UInt64(slots[place].generation) << 32 | UInt64(place)
    }

    mutating func remove(_ token: UInt64) {
        let place = Int(token & 0xffff_ffff)
        guard slots[place].generation == UInt32(token >> 32), let connection = slots[place].connection else { return }
        if connection.isAccepted { acceptedCount -= 1 }
        slots[place].connection = nil
        // The last generations are kept out of use: tokens near the top are the listeners'.
        slots[place].generation = (slots[place].generation + 1) & 0x7fff_ffff
        free.append(place)
    }

    subscript(_ token: UInt64) -> Connection? {
        let place = Int(token & 0xffff_ffff)
        guard place < slots.count, slots[place].generation == UInt32(token >> 32) else { return nil }
        return slots[place].connection
    }

    /// A copy of the list, so that connections may close while it is walked.
    var connections: [Connection] { slots.compactMap(\.connection) }
}
