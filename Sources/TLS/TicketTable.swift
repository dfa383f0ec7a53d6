// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// The tickets a listening side remembers: bounded, each good once, the secrets wiped when they go.
///
/// When it is full, an authority whose clients have more than their share loses its own oldest ticket, and else the
/// oldest of all goes: a partner that shakes hands often and never resumes does not push out the others.
@safe struct TicketTable: ~Copyable {
    /// A row of tickets, oldest first.
    struct Row {
        fileprivate var oldest = TicketTable.none
        fileprivate var newest = TicketTable.none
        fileprivate(set) var count = 0
    }

    /// The longest secret there is (SHA-384).
    static let secretBytesMax = 48

    /// A ticket's neighbours in one row.
    private struct Neighbours {
        var older = TicketTable.none
        var newer = TicketTable.none
    }

    @safe private struct Slot {
        var id: TicketID
        var secret: InlineArray<48, UInt8>
        var secretByteCount: Int
        var origin: Unmanaged<SessionOrigin>
        /// Among all tickets, and among their owner's.
        var neighbours: InlineArray<2, Neighbours>
    }

    private typealias Pages = [UnsafeMutablePointer<Slot>]

    private static let none = UInt32.max
    private static let amongAll = 0
    private static let amongOwner = 1
    private static let pageSlotCount = 256

    let ticketsMax: Int
    private var places: [TicketID: UInt32] = [:]
    /// Grown page by page and never moved, so that no secret stays behind in freed memory.
    private var pages: Pages = unsafe []
    private var vacant: [UInt32] = []
    private var all = Row()
    /// Those that have a ticket here.
    private var ownerCount = 0
    /// Tickets that had to go before their time.
    private(set) var forgottenCount = 0

    init(ticketsMax: Int) { self.ticketsMax = ticketsMax }

    deinit {
        for place in places.values { unsafe Self.slot(place, pages).pointee.origin.release() }
        for index in unsafe pages.indices {
            let page = unsafe pages[index]
            unsafe OPENSSL_cleanse(page, Self.pageSlotCount * MemoryLayout<Slot>.stride)
            unsafe page.deallocate()
        }
    }

    var count: Int { all.count }

    /// - Precondition: the secret has at most ``secretBytesMax`` bytes.
    mutating func insert(_ id: TicketID, secret: Span<UInt8>, origin: SessionOrigin) {
        invariant(secret.count <= Self.secretBytesMax, "a secret of \(secret.count) bytes")
        guard places[id] == nil else { return }
        let owner = origin.client.owner
        if count >= ticketsMax { makeRoom(for: owner) }
        let index = takeVacant()
        let slot = unsafe Self.slot(index, pages)
        let empty = unsafe Slot(
            id: id,
            secret: InlineArray(repeating: 0),
            secretByteCount: secret.count,
            origin: Unmanaged.passRetained(origin),
            neighbours: InlineArray(repeating: Neighbours())
        )
        unsafe slot.initialize(to: empty)
        // Straight into its place: no copy of it is anywhere else.
        for offset in secret.indices { unsafe slot.pointee.secret[offset] = secret[offset] }
        places[id] = index
        unsafe Self.append(index, to: &all, Self.amongAll, pages)
        if owner.tickets.count == 0 { ownerCount += 1 }
        unsafe Self.append(index, to: &owner.tickets, Self.amongOwner, pages)
    }

    /// Takes a ticket out, for good, and gives what is known of it to `use`.
    mutating func take<Result>(
        _ id: TicketID,
        _ use: (Span<UInt8>, SessionOrigin) -> Result?
    ) -> Result? {
        guard let index = places[id] else { return nil }
        let slot = unsafe Self.slot(index, pages)
        let origin = unsafe slot.pointee.origin.takeUnretainedValue()
        let result = unsafe use(slot.pointee.secret.span.extracting(first: slot.pointee.secretByteCount), origin)
        remove(index)
        return result
    }

    /// Forgets the tickets at the front that have ended; one behind them goes a lifetime after it came, at the latest.
    mutating func forgetEnded(at now: MonotonicInstant) {
        while all.count > 0, unsafe Self.slot(all.oldest, pages).pointee.origin.takeUnretainedValue().endsAt <= now {
            remove(all.oldest)
        }
    }

    mutating func forgetAll() {
        while all.count > 0 { remove(all.oldest) }
    }

    private mutating func makeRoom(for owner: TicketOwner) {
        let share = ticketsMax / max(1, ownerCount)
        remove(owner.tickets.count > share ? owner.tickets.oldest : all.oldest)
        forgottenCount += 1
    }

    private mutating func remove(_ index: UInt32) {
        let slot = unsafe Self.slot(index, pages)
        let origin = unsafe slot.pointee.origin.takeRetainedValue()
        places[unsafe slot.pointee.id] = nil
        unsafe Self.unlink(index, from: &all, Self.amongAll, pages)
        let owner = origin.client.owner
        unsafe Self.unlink(index, from: &owner.tickets, Self.amongOwner, pages)
        if owner.tickets.count == 0 { ownerCount -= 1 }
        unsafe OPENSSL_cleanse(slot, MemoryLayout<Slot>.stride)
        vacant.append(index)
    }
}

/// Slots and rows.
extension TicketTable {
    private static func slot(_ index: UInt32, _ pages: Pages) -> UnsafeMutablePointer<Slot> {
        // SAFETY: the array checks the page, and the remainder lies within it.
        unsafe pages[Int(index) / pageSlotCount] + Int(index) % pageSlotCount
    }

    private mutating func takeVacant() -> UInt32 {
        if let index = vacant.popLast() { return index }
        let first = unsafe UInt32(pages.count * Self.pageSlotCount)
        unsafe pages.append(.allocate(capacity: Self.pageSlotCount))
        vacant.append(contentsOf: (first..<first + UInt32(Self.pageSlotCount)).reversed())
        return vacant.removeLast()
    }

    private static func append(_ index: UInt32, to row: inout Row, _ kind: Int, _ pages: Pages) {
        unsafe slot(index, pages).pointee.neighbours[kind] = Neighbours(older: row.newest, newer: none)
        if row.count > 0 {
            unsafe slot(row.newest, pages).pointee.neighbours[kind].newer = index
        } else {
            row.oldest = index
        }
        row.newest = index
        row.count += 1
    }

    private static func unlink(_ index: UInt32, from row: inout Row, _ kind: Int, _ pages: Pages) {
        let neighbours = unsafe slot(index, pages).pointee.neighbours[kind]
        if neighbours.older == none {
            row.oldest = neighbours.newer
        } else {
            unsafe slot(neighbours.older, pages).pointee.neighbours[kind].newer = neighbours.newer
        }
        if neighbours.newer == none {
            row.newest = neighbours.older
        } else {
            unsafe slot(neighbours.newer, pages).pointee.neighbours[kind].older = neighbours.older
        }
        row.count -= 1
    }
}
