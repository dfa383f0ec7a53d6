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

    private var slots = [[Firing]](repeating: [], count: slotCount)
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
        slots[index].append(Firing(token: token, tick: tick))
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
            entryCount -= slots[index].count
            firings.append(contentsOf: slots[index])
            slots[index].removeAll(keepingCapacity: true)
        }
        firedTick = max(firedTick, target)
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
