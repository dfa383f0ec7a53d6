// SPDX-License-Identifier: Apache-2.0
package import Base
package import SQLite

/// What questions use; every one is bounded.
struct ReadStatements: ~Copyable {
    private static let columns = """
        select i.id, m.id, i.state, m.kind, m.source, e.name, i.okey, m.dedup, m.content_type, m.body_bytes, i.attempts,
               i.accepted_at, i.next_at, i.settled_at, i.last_status, i.last_error, i.replay_of, i.seq
        """
    private static let joins = "cross join message m on m.seq = i.message cross join endpoint e on e.id = i.endpoint"
    private static let filters = """
        ((1 << i.state) & ?3) != 0 and (?4 is null or m.partner = ?4) and (?5 is null or e.name = ?5)
        order by i.seq desc limit ?6
        """
    /// A window of sequence numbers, so that a rare state in a long history costs many short questions rather
    /// than one long one.
    let listWindow: Statement
    let listTrouble: Statement
    let byID: Statement
    let byMessage: Statement
    let attempts: Statement
    let body: Statement
    let endpoints: Statement
    let counts: Statement
    let oldest: Statement
}

extension ReadStatements {
    init(_ database: borrowing Database) throws(SQLiteFailure) {
        self.init(
            listWindow: try database.prepare(
                "\(Self.columns) from item i \(Self.joins) where i.seq < ?1 and i.seq >= ?2 and \(Self.filters)"
            ),
            listTrouble: try database.prepare(
                """
                \(Self.columns) from item i indexed by item_trouble \(Self.joins)
                where i.seq < ?1 and i.seq >= ?2 and i.state in (3, 5, 6) and \(Self.filters)
                """
            ),
            byID: try database.prepare("\(Self.columns) from item i \(Self.joins) where i.id = ?"),
            byMessage: try database.prepare(
                "\(Self.columns) from message m cross join item i on i.message = m.seq "
                    + "cross join endpoint e on e.id = i.endpoint where m.id = ? order by i.seq limit 100"
            ),
            attempts: try database.prepare(
                """
                select n, started_at, milliseconds, status, error from attempt where item = ? order by n desc limit ?
                """
            ),
            body: try database.prepare(
                "select b.bytes from message m cross join body b on b.message = m.seq where m.id = ?"
            ),
            endpoints: try database.prepare("select id, name, parked_at, parked_revision from endpoint order by id"),
            counts: try database.prepare(
                """
                select endpoint, 0, count(*) from item indexed by item_due where state = 0 group by endpoint
                union all
                select endpoint, 4, count(*) from item indexed by item_waiting where state = 4 group by endpoint
                union all
                select endpoint, state, count(*) from item indexed by item_trouble
                    where state in (3, 5, 6) and state != 3 group by endpoint, state
                """
            ),
            oldest: try database.prepare(
                """
                select min(accepted_at) from (
                    select accepted_at from item indexed by item_head
                    where endpoint = ? and state in (0, 1, 5, 6) and state != 6 limit ?)
                """
            )
        )
    }
}

/// One item without its body.
package struct ItemSummary: Hashable, Sendable {
    package let id: UniqueID
    /// The same for all items of one submission, and for its replays: what a receiver sees as `webhook-id`.
    package let messageID: UniqueID
    package let state: ItemState
    package let kind: Submission.Kind
    package let source: String
    /// As ``Destination/description``.
    package let destination: String
    package let orderKey: String
    package let dedupKey: String
    package let contentType: String
    package let bodyBytes: Int
    package let attempts: Int
    package let acceptedAt: WallInstant
    /// When it is tried next; nothing unless it is ready.
    package let nextAt: WallInstant?
    package let settledAt: WallInstant?
    package let lastStatus: Int?
    package let lastError: String?
    package let replayOf: UniqueID?
    /// Where a listing goes on from.
    package let sequence: Int64

    fileprivate init?(_ row: borrowing Row) {
        guard let id = row.uniqueID(0), let messageID = row.uniqueID(1),
            let state = ItemState(rawValue: row.integer(2)),
            let kind = Submission.Kind(rawValue: row.integer(3))
        else { return nil }
        self.id = id
        self.messageID = messageID
        self.state = state
        self.kind = kind
        source = row.text(4)
        destination = row.text(5)
        orderKey = row.text(6)
        dedupKey = row.text(7)
        contentType = row.text(8)
        bodyBytes = row.int(9)
        attempts = row.int(10)
        acceptedAt = WallInstant(milliseconds: row.integer(11))
        nextAt = state == .ready ? WallInstant(milliseconds: row.integer(12)) : nil
        settledAt = row.integerIfAny(13).map { WallInstant(milliseconds: $0) }
        lastStatus = row.integerIfAny(14).map { Int($0) }
        lastError = row.textIfAny(15)
        replayOf = row.uniqueID(16)
        sequence = row.integer(17)
    }
}

/// One attempt as it is remembered.
package struct AttemptSummary: Hashable, Sendable {
    package let number: Int
    package let startedAt: WallInstant
    package let elapsed: Duration
    package let status: Int?
    package let error: String?
}

/// An endpoint as it is stored.
package struct StoredEndpoint: Hashable, Sendable {
    package let id: Int64
    package let name: String
    package let parkedAt: ScheduleInstant?
    package let parkedRevision: String?
}

extension RelayStore {
    /// Items newest first, of a window of sequence numbers.
    ///
    /// - Returns: the items, and the sequence number the next window ends before; nothing when there is none.
    package func list(
        _ filter: RelayQuery.Filter,
        windowCount: Int64 = 20_000
    ) throws(SQLiteFailure) -> (items: [ItemSummary], before: Int64?) {
        let before = filter.before ?? nextSequence
        let mask = filter.states.reduce(Int64(0)) { $0 | 1 << $1.rawValue }
        let isTrouble = filter.states.isSubset(of: [.dead, .parked, .held])
        let floor = isTrouble ? 0 : max(0, before - windowCount)
        let destination = filter.destination?.description
        let rows =
            isTrouble
            ? try reading.listTrouble.all(before, floor, mask, filter.partner, destination, filter.limit) {
                ItemSummary($0)
            }
            : try reading.listWindow.all(before, floor, mask, filter.partner, destination, filter.limit) {
                ItemSummary($0)
            }
        let items = rows.compactMap { $0 }
        if items.count == filter.limit { return (items, items.last?.sequence) }
        return (items, floor > 0 ? floor : nil)
    }

    package func item(_ id: UniqueID) throws(SQLiteFailure) -> ItemSummary? {
        try reading.byID.first(id) { ItemSummary($0) } ?? nil
    }

    /// All items of one message.
    package func items(message id: UniqueID) throws(SQLiteFailure) -> [ItemSummary] {
        try reading.byMessage.all(id) { ItemSummary($0) }.compactMap { $0 }
    }

    /// The latest attempts of an item, newest first.
    package func attempts(sequence: Int64, limit: Int = 100) throws(SQLiteFailure) -> [AttemptSummary] {
        try reading.attempts.all(sequence, limit) { row in
            AttemptSummary(
                number: row.int(0),
                startedAt: WallInstant(milliseconds: row.integer(1)),
                elapsed: .milliseconds(row.integer(2)),
                status: row.integerIfAny(3).map { Int($0) },
                error: row.textIfAny(4)
            )
        }
    }

    package func body(message id: UniqueID) throws(SQLiteFailure) -> [UInt8]? {
        try reading.body.first(id) { $0.blob(0) }
    }

    package func endpoints() throws(SQLiteFailure) -> [StoredEndpoint] {
        try reading.endpoints.all { row in
            StoredEndpoint(
                id: row.integer(0),
                name: row.text(1),
                parkedAt: row.integerIfAny(2).map { ScheduleInstant(milliseconds: $0) },
                parkedRevision: row.textIfAny(3)
            )
        }
    }

    /// Open items by endpoint and state; call when nothing is leased.
    package func openCounts() throws(SQLiteFailure) -> [(endpoint: Int64, state: ItemState, count: Int)] {
        try reading.counts.all { row in
            (endpoint: row.integer(0), state: ItemState(rawValue: row.integer(1)) ?? .ready, count: row.int(2))
        }
    }

    /// When the longest waiting head of an endpoint was accepted, of at most `countMax` heads that it looks at;
    /// nothing when none waits.
    ///
    /// What waits behind a head was accepted after it, and one that was given up does not wait.
    package func oldestAccepted(endpoint: Int64, countMax: Int) throws(SQLiteFailure) -> ScheduleInstant? {
        try reading.oldest.first(endpoint, countMax) { $0.integerIfAny(0) }?.map { ScheduleInstant(milliseconds: $0) }
    }

    /// Pages of the file, and how many of them hold nothing.
    package func pageCounts() throws(SQLiteFailure) -> (pageCount: Int, unusedCount: Int) {
        (Int(try database.pragma("page_count")) ?? 0, Int(try database.pragma("freelist_count")) ?? 0)
    }
}
