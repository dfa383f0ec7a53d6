// SPDX-License-Identifier: Apache-2.0
package import Base
package import SQLite

/// What settling uses; each transition out of a lease names the lease.
struct SettleStatements: ~Copyable {
    let find: Statement
    let settle: Statement
    let reschedule: Statement
    let park: Statement
    let giveBack: Statement
    let promote: Statement
    let insertAttempt: Statement
}

extension SettleStatements {
    init(_ database: borrowing Database) throws(SQLiteFailure) {
        self.init(
            find: try database.prepare(
                """
                select seq, endpoint, okey, attempts, accepted_at from item where id = ? and state = 1 and lease = ?
                """
            ),
            settle: try database.prepare(
                """
                update item set state = ?, lease = null, attempts = attempts + 1, last_status = ?, last_error = ?,
                    settled_at = ? where seq = ? and state = 1 and lease = ?
                """
            ),
            reschedule: try database.prepare(
                """
                update item set state = 0, lease = null, attempts = attempts + 1, last_status = ?, last_error = ?,
                    next_at = ? where seq = ? and state = 1 and lease = ?
                """
            ),
            park: try database.prepare(
                """
                update item set state = 5, lease = null, attempts = attempts + 1, last_status = ?, last_error = ?
                    where seq = ? and state = 1 and lease = ?
                """
            ),
            giveBack: try database.prepare(
                "update item set state = 0, lease = null, next_at = ? where seq = ? and state = 1 and lease = ?"
            ),
            promote: try database.prepare(LeaseStatements.promoteSQL),
            insertAttempt: try database.prepare(
                """
                insert into attempt(item, n, started_at, milliseconds, status, error, lease) values (?, ?, ?, ?, ?, ?, ?)
                """
            )
        )
    }
}

/// An item while its lease is the caller's.
package struct LeasedItem: Hashable, Sendable {
    package let sequence: Int64
    package let endpoint: Int64
    package let orderKey: String
    package let attempts: Int
    package let acceptedAt: ScheduleInstant
    package let lease: LeaseID
}

/// What is remembered of one attempt; never partner bytes.
package struct AttemptRecord: Hashable, Sendable {
    package var startedAt: ScheduleInstant
    package var elapsed: Duration
    package var status: Int?
    package var error: String?

    package init(startedAt: ScheduleInstant, elapsed: Duration, status: Int? = nil, error: String? = nil) {
        self.startedAt = startedAt
        self.elapsed = elapsed
        self.status = status
        self.error = error
    }
}

extension RelayStore {
    /// The item `lease` is for; nothing when the lease is no longer the item's.
    package func leased(id: UniqueID, lease: LeaseID) throws(SQLiteFailure) -> LeasedItem? {
        try settling.find.first(id, lease.rawValue) { row in
            LeasedItem(
                sequence: row.integer(0),
                endpoint: row.integer(1),
                orderKey: row.text(2),
                attempts: row.int(3),
                acceptedAt: ScheduleInstant(milliseconds: row.integer(4)),
                lease: lease
            )
        }
    }

    /// Leased becomes done, dead or held; the key's next item becomes ready unless it is held.
    ///
    /// - Parameter state: `.done`, `.dead` or `.held`.
    /// - Returns: whether the lease still held, and whether a successor became ready.
    package func settle(
        _ item: LeasedItem,
        as state: ItemState,
        attempt: AttemptRecord,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) -> (isSettled: Bool, isPromoted: Bool) {
        invariant(state == .done || state == .dead || state == .held, "\(state) does not settle an item")
        let changed = try settling.settle.run(
            state.rawValue,
            attempt.status,
            attempt.error,
            now.milliseconds,
            item.sequence,
            item.lease.rawValue
        )
        guard changed == 1 else { return (false, false) }
        try record(attempt, of: item)
        guard state != .held else { return (true, false) }
        return (true, try promote(endpoint: item.endpoint, orderKey: item.orderKey, at: now))
    }

    /// Leased becomes ready again at `nextAt`; the attempt is spent.
    ///
    /// - Returns: false when the lease was lost.
    package func reschedule(
        _ item: LeasedItem,
        to nextAt: ScheduleInstant,
        attempt: AttemptRecord
    ) throws(SQLiteFailure) -> Bool {
        let changed = try settling.reschedule.run(
            attempt.status,
            attempt.error,
            nextAt.milliseconds,
            item.sequence,
            item.lease.rawValue
        )
        guard changed == 1 else { return false }
        try record(attempt, of: item)
        return true
    }

    /// Leased becomes parked.
    ///
    /// - Returns: false when the lease was lost.
    package func park(_ item: LeasedItem, attempt: AttemptRecord) throws(SQLiteFailure) -> Bool {
        let changed = try settling.park.run(attempt.status, attempt.error, item.sequence, item.lease.rawValue)
        guard changed == 1 else { return false }
        try record(attempt, of: item)
        return true
    }

    /// Leased becomes ready again, and no attempt is spent.
    ///
    /// - Returns: false when the lease was lost.
    package func giveBack(_ item: LeasedItem, at nextAt: ScheduleInstant) throws(SQLiteFailure) -> Bool {
        try settling.giveBack.run(nextAt.milliseconds, item.sequence, item.lease.rawValue) == 1
    }

    /// The longest waiting item of a key becomes its head; call when the key has none.
    ///
    /// - Returns: whether there was one.
    func promote(endpoint: Int64, orderKey: String, at now: ScheduleInstant) throws(SQLiteFailure) -> Bool {
        try settling.promote.run(now.milliseconds, endpoint, orderKey) == 1
    }

    private func record(_ attempt: AttemptRecord, of item: LeasedItem) throws(SQLiteFailure) {
        try settling.insertAttempt.run(
            item.sequence,
            item.attempts + 1,
            attempt.startedAt.milliseconds,
            Int(attempt.elapsed.milliseconds),
            attempt.status,
            attempt.error,
            item.lease.rawValue
        )
    }
}
