// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Deadlines of many connections, coarse and cheap: arming is an append, nothing is ever cancelled.
///
/// Sans-I/O. An entry that fires says which tick it was armed for; its owner compares that with the
/// tick it last got from ``arm(_:at:)`` and with its deadline of today, and ignores or re-arms. So a
/// deadline that moves later, as most do, costs nothing until the old one fires.
struct TimerWheel {
    /// What one entry said when its tick came.
    struct Firing: Hashable, Sendable {
        let token: UInt64
        let tick: UInt64
    }

    /// One tick; a deadline fires at most one tick late.
    static let tickNanoseconds: UInt64 = 32_000_000
    private static let slotCount = 1024

    /// An entry of a slot's list, or of the list of places that are free.
    private struct Entry {
        var firing: Firing
        var next: Int32
    }

    /// The ends of one slot's list; both are `none` when it is empty.
    private struct Slot {
        var first = none
        var last = none
    }

    private static let none: Int32 = -1

    /// All entries of all slots: it grows with the most that were ever armed at once, and with nothing else.
    private var entries: [Entry] = []
    private var firstFree = none
    private var slots = [Slot](repeating: Slot(), count: slotCount)
    /// One bit a slot that is not empty.
    private var occupied = [UInt64](repeating: 0, count: slotCount / 64)
    /// Every tick up to this one has fired.
    private var firedTick: UInt64
    private var entryCount = 0

    init(now: MonotonicInstant) { firedTick = now.nanoseconds / Self.tickNanoseconds }

    /// Plans a firing no earlier than `instant`.
    ///
    /// A deadline past the wheel's turn (33 s) fires early, at the turn's end; its owner re-arms it.
    /// - Returns: the tick it will fire at, to recognise the firing by.
    mutating func arm(_ token: UInt64, at instant: MonotonicInstant) -> UInt64 {
        let wanted = instant.nanoseconds / Self.tickNanoseconds + 1
        let tick = min(max(wanted, firedTick + 1), firedTick + UInt64(Self.slotCount) - 1)
        let index = Int(tick % UInt64(Self.slotCount))
        append(Firing(token: token, tick: tick), to: index)
        occupied[index >> 6] |= 1 << UInt64(index & 63)
        entryCount += 1
        return tick
    }

    /// Appends what is due to `firings`, oldest tick first.
    mutating func advance(to now: MonotonicInstant, into firings: inout [Firing]) {
        let target = now.nanoseconds / Self.tickNanoseconds
        while firedTick < target, entryCount > 0 {
            firedTick += 1
            let index = Int(firedTick % UInt64(Self.slotCount))
            guard occupied[index >> 6] & (1 << UInt64(index & 63)) != 0 else { continue }
            occupied[index >> 6] &= ~(1 << UInt64(index & 63))
            empty(index, into: &firings)
        }
        firedTick = max(firedTick, target)
    }

    private mutating func append(_ firing: Firing, to index: Int) {
        let place: Int32
        if firstFree == Self.none {
            place = Int32(entries.count)
            entries.append(Entry(firing: firing, next: Self.none))
        } else {
            place = firstFree
            firstFree = entries[Int(place)].next
            entries[Int(place)] = Entry(firing: firing, next: Self.none)
        }
        let last = slots[index].last
        if last == Self.none { slots[index].first = place } else { entries[Int(last)].next = place }
        slots[index].last = place
    }

    /// Moves one slot's entries to `firings`, in the order they were armed; their places are free again.
    private mutating func empty(_ index: Int, into firings: inout [Firing]) {
        var place = slots[index].first
        while place != Self.none {
            firings.append(entries[Int(place)].firing)
            entryCount -= 1
            place = entries[Int(place)].next
        }
        entries[Int(slots[index].last)].next = firstFree
        firstFree = slots[index].first
        slots[index] = Slot()
    }

    /// When the next entry fires: until then the loop may sleep; `distantFuture` when nothing is armed.
    var dueAt: MonotonicInstant {
        guard entryCount > 0 else { return .distantFuture }
        let first = Int((firedTick + 1) % UInt64(Self.slotCount))
        let wordCount = occupied.count
        for step in 0...wordCount {
            let place = ((first >> 6) + step) % wordCount
            var word = occupied[place]
            if step == 0 { word &= ~0 << UInt64(first & 63) }
            if step == wordCount { word &= ~(~0 << UInt64(first & 63)) }
            guard word != 0 else { continue }
            let index = place * 64 + word.trailingZeroBitCount
            let ahead = (index - first + Self.slotCount) % Self.slotCount
            return MonotonicInstant(nanoseconds: (firedTick + 1 + UInt64(ahead)) * Self.tickNanoseconds)
        }
        return .distantFuture
    }
}
