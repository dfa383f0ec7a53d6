// SPDX-License-Identifier: Apache-2.0
package import Base
package import SQLite

/// What start, operators and retention use.
struct UpkeepStatements: ~Copyable {
    let recover: Statement
    let clamp: Statement
    let replayed: Statement
    let release: Statement
    let promote: Statement
    let parkEndpoint: Statement
    let resumeEndpoint: Statement
    let resumeItems: Statement
    let pullForward: Statement
    let old: Statement
    let deleteAttempts: Statement
    let deleteItem: Statement
    let deleteMessage: Statement
    let deleteBody: Statement
}

extension UpkeepStatements {
    init(_ database: borrowing Database) throws(SQLiteFailure) {
        self.init(
            recover: try database.prepare(
                """
                update item indexed by item_head set state = 0, lease = null, next_at = ?
                where state in (0, 1, 5, 6) and state = 1
                """
            ),
            clamp: try database.prepare(
                "update item indexed by item_due set next_at = ? where state = 0 and next_at > ?"
            ),
            replayed: try database.prepare("select seq, state, message, endpoint, okey, kseq from item where id = ?"),
            release: try database.prepare("update item set state = 3 where seq = ? and state = 6"),
            promote: try database.prepare(LeaseStatements.promoteSQL),
            parkEndpoint: try database.prepare("update endpoint set parked_at = ?, parked_revision = ? where id = ?"),
            resumeEndpoint: try database.prepare(
                "update endpoint set parked_at = null, parked_revision = null where id = ?"
            ),
            resumeItems: try database.prepare(
                """
                update item indexed by item_trouble set state = 0, next_at = ?
                where endpoint = ? and state in (3, 5, 6) and state = 5
                """
            ),
            pullForward: try database.prepare(
                """
                update item set next_at = ? where seq in
                    (select seq from item where endpoint = ? and state = 0 and next_at > ? order by next_at limit ?)
                """
            ),
            old: try database.prepare(
                """
                select seq, message from item indexed by item_settled
                where state in (2, 3) and state = ? and settled_at < ? order by settled_at limit ?
                """
            ),
            deleteAttempts: try database.prepare("delete from attempt where item = ?"),
            deleteItem: try database.prepare("delete from item where seq = ?"),
            deleteMessage: try database.prepare(
                "delete from message where seq = ?1 and not exists (select 1 from item where message = ?1)"
            ),
            deleteBody: try database.prepare("delete from body where message = ?")
        )
    }
}

/// What a replay came to.
package enum ReplayOutcome: Hashable, Sendable {
    /// - Parameter heldBefore: it took the place of a held head.
    case replayed(endpoint: Int64, isHead: Bool, heldBefore: Bool)
    /// The item is still on its way.
    case notSettled(ItemState)
    case unknown
}

extension RelayStore {
    /// Makes ready what a dead process had leased: whether it was delivered is unknown, so it goes again.
    ///
    /// - Returns: how many there were.
    package func recoverLeases(at now: ScheduleInstant) throws(SQLiteFailure) -> Int {
        try upkeep.recover.run(now.milliseconds)
    }

    /// Brings waits beyond `limit` down to it: the clock that wrote them was wrong.
    package func clampWaits(to limit: ScheduleInstant) throws(SQLiteFailure) -> Int {
        try upkeep.clamp.run(limit.milliseconds, limit.milliseconds)
    }

    /// Repeats a settled item as a new one; the old one stays as it was, except that a held one gives its place
    /// at the head of its key, and its number there, to the new one.
    package mutating func replay(
        _ id: UniqueID,
        as newID: UniqueID,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) -> ReplayOutcome {
        let found = try upkeep.replayed.first(id) { row in
            (
                sequence: row.integer(0), state: ItemState(rawValue: row.integer(1)), message: row.integer(2),
                endpoint: row.integer(3), orderKey: row.text(4), keySequence: row.integer(5)
            )
        }
        guard let found, let state = found.state else { return .unknown }
        guard state == .done || state == .dead || state == .held else { return .notSettled(state) }
        let wasHeld = state == .held
        if wasHeld { try upkeep.release.run(found.sequence) }
        let sequence = takeSequence()
        let isHead = try insertItem(
            NewItem(id: newID, endpoint: found.endpoint),
            message: found.message,
            orderKey: found.orderKey,
            sequence: sequence,
            keySequence: wasHeld ? found.keySequence : sequence,
            replayOf: id,
            at: now
        )
        return .replayed(endpoint: found.endpoint, isHead: isHead, heldBefore: wasHeld)
    }

    /// Lets a key go on without its held head.
    ///
    /// - Returns: the endpoint, and whether a successor became ready; nothing when the item is not held.
    package func release(
        _ id: UniqueID,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) -> (endpoint: Int64, isPromoted: Bool)? {
        let found = try upkeep.replayed.first(id) { row in
            (sequence: row.integer(0), endpoint: row.integer(3), orderKey: row.text(4))
        }
        guard let found, try upkeep.release.run(found.sequence) == 1 else { return nil }
        let isPromoted = try upkeep.promote.run(now.milliseconds, found.endpoint, found.orderKey) == 1
        return (found.endpoint, isPromoted)
    }

    /// Remembers that an endpoint wants nothing more.
    package func park(endpoint: Int64, revision: String, at now: ScheduleInstant) throws(SQLiteFailure) {
        try upkeep.parkEndpoint.run(now.milliseconds, revision, endpoint)
    }

    /// Takes an endpoint up again.
    ///
    /// - Returns: how many parked items became ready.
    package func resume(endpoint: Int64, at now: ScheduleInstant) throws(SQLiteFailure) -> Int {
        try upkeep.resumeEndpoint.run(endpoint)
        return try upkeep.resumeItems.run(now.milliseconds, endpoint)
    }

    /// Makes heads that wait out a retry due now: their endpoint is back.
    package func pullForward(endpoint: Int64, at now: ScheduleInstant, limit: Int) throws(SQLiteFailure) -> Int {
        try upkeep.pullForward.run(now.milliseconds, endpoint, now.milliseconds, limit)
    }

    /// Deletes settled items older than `limit`, and their message when they were its last.
    ///
    /// - Parameter state: `.done` or `.dead`.
    /// - Returns: how many were deleted, at most `count`.
    package func purge(_ state: ItemState, before limit: ScheduleInstant, count: Int) throws(SQLiteFailure) -> Int {
        invariant(state == .done || state == .dead, "\(state) items are never purged")
        let old = try upkeep.old.all(state.rawValue, limit.milliseconds, count) { ($0.integer(0), $0.integer(1)) }
        for (sequence, message) in old {
            try upkeep.deleteAttempts.run(sequence)
            try upkeep.deleteItem.run(sequence)
            if try upkeep.deleteMessage.run(message) == 1 { try upkeep.deleteBody.run(message) }
        }
        return old.count
    }

    /// Gives pages deleted rows left back to the file system.
    package func shrink(pageCount: Int) throws(SQLiteFailure) {
        try database.execute("pragma incremental_vacuum(\(pageCount))")
    }
}
