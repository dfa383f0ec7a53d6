// SPDX-License-Identifier: Apache-2.0
package import Base
package import SQLite

/// What leasing uses.
struct LeaseStatements: ~Copyable {
    /// Reads heads only: what waits behind one never costs a step. `cross join` keeps the planner from
    /// starting at another table.
    static let dueSQL = """
        select i.seq, i.id, i.kseq, i.attempts, i.replay_of, m.id, m.kind, m.source, m.partner, m.hash,
               m.content_type, m.fields, b.bytes
        from item i cross join message m on m.seq = i.message cross join body b on b.message = i.message
        where i.endpoint = ? and i.state = 0 and i.next_at <= ? order by i.next_at, i.seq limit ?
        """
    static let earliestSQL = "select min(next_at) from item where endpoint = ? and state = 0"
    static let takeSQL = "update item set state = 1, lease = ? where seq = ? and state = 0"
    static let promoteSQL = """
        update item set state = 0, next_at = ? where seq =
            (select seq from item where endpoint = ? and okey = ? and state = 4 order by kseq, seq limit 1)
        """

    let due: Statement
    let earliest: Statement
    let take: Statement
}

extension LeaseStatements {
    init(_ database: borrowing Database) throws(SQLiteFailure) {
        self.init(
            due: try database.prepare(Self.dueSQL),
            earliest: try database.prepare(Self.earliestSQL),
            take: try database.prepare(Self.takeSQL)
        )
    }
}

/// An item with everything an attempt needs.
package struct DueItem: Sendable {
    package let sequence: Int64
    package let id: UniqueID
    package let keySequence: Int64
    package let attempts: Int
    package let isReplay: Bool
    package let messageID: UniqueID
    package let kind: Submission.Kind
    package let source: String
    package let partner: String?
    package let hash: [UInt8]
    package let contentType: String
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]
}

extension RelayStore {
    /// Due heads of one endpoint, longest due first.
    package func due(endpoint: Int64, at now: ScheduleInstant, limit: Int) throws(SQLiteFailure) -> [DueItem] {
        let rows: [DueItem?] = try leasing.due.all(endpoint, now.milliseconds, limit) { row in
            guard let id = row.uniqueID(1), let messageID = row.uniqueID(5),
                let kind = Submission.Kind(rawValue: row.integer(6))
            else { return nil }
            return DueItem(
                sequence: row.integer(0),
                id: id,
                keySequence: row.integer(2),
                attempts: row.int(3),
                isReplay: !row.isNull(4),
                messageID: messageID,
                kind: kind,
                source: row.text(7),
                partner: row.textIfAny(8).flatMap { $0.isEmpty ? nil : $0 },
                hash: row.blob(9),
                contentType: row.text(10),
                fields: StoredFields.decode(row.text(11)),
                body: row.blob(12)
            )
        }
        let items = rows.compactMap { $0 }
        guard items.count == rows.count else {
            throw SQLiteFailure(kind: .corrupt, message: "an item is not what was written")
        }
        return items
    }

    /// Ready becomes leased.
    ///
    /// - Returns: false when the item is not ready any more.
    package func take(sequence: Int64, lease: LeaseID) throws(SQLiteFailure) -> Bool {
        try leasing.take.run(lease.rawValue, sequence) == 1
    }

    /// How the due query is answered, one line a step.
    package func duePlan() throws(SQLiteFailure) -> [String] { try database.plan(of: LeaseStatements.dueSQL) }

    /// Work the due query has done since this was last asked, in steps of SQLite's machine.
    package func takeDueStepCount() -> Int { leasing.due.takeStepCount() }

    /// When the next head of an endpoint is due; nothing when it has none.
    package func earliestDue(endpoint: Int64) throws(SQLiteFailure) -> ScheduleInstant? {
        try leasing.earliest.first(endpoint) { $0.integerIfAny(0) }?.map { ScheduleInstant(milliseconds: $0) }
    }
}
