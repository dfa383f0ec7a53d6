// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Partners
internal import SQLite

/// The tables of what administrators were given, did and read: `access.db`.
///
/// Each commit is on disk before it counts.
struct AccessStore: ~Copyable {
    /// `application_id`: "EIGJ".
    private static let applicationID = 0x4549_474a
    private static let version = 1
    static let signaturesMax = 1000

    private let database: Database
    private let saveGrant: Statement
    private let removeGrant: Statement
    private let addUsage: Statement

    /// - Throws: ``SQLiteFailure``; `.busy` when another gate has it, `.corrupt` for a file that is not ours.
    init(path: String) throws(SQLiteFailure) {
        let database = try Database.store(at: path, as: Self.format(of: path))
        let saveGrant = try database.prepare(
            """
            insert or replace into access_grant(id, who, targets, reason, ticket, requested_ms, minutes, starts_ms,
            lapses_ms, is_break_glass, from_ms, until_ms, decided_by, decided_ms, decided_note, revoked_by, revoked_ms,
            revoked_note, closed_by, closed_ms, closed_note, is_end_told)
            values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        let removeGrant = try database.prepare("delete from access_grant where id = ?")
        let addUsage = try database.prepare(
            """
            insert into usage(day, who, target, sessions, bytes_in, bytes_out, last_ms) values(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            on conflict do update set sessions = sessions + ?4, bytes_in = bytes_in + ?5, bytes_out = bytes_out + ?6,
            last_ms = max(last_ms, ?7)
            """
        )
        self.database = database
        self.saveGrant = saveGrant
        self.removeGrant = removeGrant
        self.addUsage = addUsage
    }

    private static func format(of path: String) -> StoreFormat {
        StoreFormat(
            applicationID: applicationID,
            version: version,
            tables: tables,
            synchronous: .full,
            hints: ["journal_size_limit = 4194304", "temp_store = memory"],
            foreign: SQLiteFailure(kind: .corrupt, message: "\(path) is no store of grants"),
            later: { _ in SQLiteFailure(kind: .other, message: "\(path) is of a later version of jumpd") }
        )
    }

    /// The checks repeat in the file what the code keeps: nobody decides on their own, no step is half there.
    private static let tables = """
        create table access_grant(
            id text primary key, who text not null, targets text not null, reason text not null, ticket text not null,
            requested_ms integer not null, minutes integer not null, starts_ms integer, lapses_ms integer not null,
            is_break_glass integer not null, from_ms integer check ((from_ms is null) = (until_ms is null)),
            until_ms integer, decided_by text check (decided_by is null or decided_by <> who),
            decided_ms integer check ((decided_ms is null) = (decided_by is null)), decided_note text,
            revoked_by text, revoked_ms integer check ((revoked_ms is null) = (revoked_by is null)), revoked_note text,
            closed_by text check (closed_by is null or closed_by <> who),
            closed_ms integer check ((closed_ms is null) = (closed_by is null)), closed_note text,
            is_end_told integer not null,
            check (is_break_glass = 1 or from_ms is null or decided_by is not null)
        ) strict, without rowid;
        create table usage(
            day integer not null, who text not null, target text not null, sessions integer not null,
            bytes_in integer not null, bytes_out integer not null, last_ms integer not null,
            primary key(day, who, target)
        ) strict, without rowid;
        create table signature(
            seq integer primary key autoincrement, at_ms integer not null, who text not null, note text not null,
            days integer not null, sha256 text not null
        ) strict;
        create table lockout(
            is_person integer not null, name text not null, since_ms integer not null, until_ms integer not null,
            failures integer not null, primary key(is_person, name)
        ) strict, without rowid;
        create table note(name text primary key, value text not null) strict, without rowid;
        """

    /// All of it or nothing.
    func transaction(_ body: () throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        try database.execute("begin immediate")
        do throws(SQLiteFailure) {
            try body()
            try database.execute("commit")
        } catch {
            if database.isInTransaction { try? database.execute("rollback") }
            throw error
        }
    }

    // MARK: - Grants

    func save(_ grant: Grant) throws(SQLiteFailure) {
        try saveGrant.run(
            grant.id,
            grant.who,
            grant.targets.map(\.description).joined(separator: " "),
            grant.reason,
            grant.ticket,
            grant.requestedAt.milliseconds,
            Int(grant.duration.components.seconds / 60),
            grant.startsAt?.milliseconds,
            grant.lapsesAt.milliseconds,
            grant.isBreakGlass ? 1 : 0,
            grant.from?.milliseconds,
            grant.until?.milliseconds,
            grant.decision?.who,
            grant.decision?.at.milliseconds,
            grant.decision?.note,
            grant.revocation?.who,
            grant.revocation?.at.milliseconds,
            grant.revocation?.note,
            grant.closure?.who,
            grant.closure?.at.milliseconds,
            grant.closure?.note,
            grant.isEndTold ? 1 : 0
        )
    }

    func remove(_ ids: [String]) throws(SQLiteFailure) {
        for id in ids { try removeGrant.run(id) }
    }

    /// Makes the file say what the memory says, whatever it said.
    func replaceGrants(_ grants: [Grant]) throws(SQLiteFailure) {
        try transaction { () throws(SQLiteFailure) in
            try database.execute("delete from access_grant")
            for grant in grants { try save(grant) }
        }
    }

    func grants() throws(SQLiteFailure) -> [Grant] {
        let rows = try database.prepare(
            """
            select id, who, targets, reason, ticket, requested_ms, minutes, starts_ms, lapses_ms, is_break_glass, from_ms,
            until_ms, is_end_told, decided_by, decided_ms, decided_note, revoked_by, revoked_ms, revoked_note, closed_by,
            closed_ms, closed_note from access_grant limit \(GrantBook.grantsMax * 2)
            """
        ).all { Self.grant($0) }
        guard !rows.contains(nil) else {
            throw SQLiteFailure(kind: .corrupt, message: "a grant's targets cannot be read")
        }
        return rows.compactMap(\.self)
    }

    private static func grant(_ row: borrowing Row) -> Grant? {
        let names = row.text(2).split(separator: " ")
        let targets = names.compactMap { Destination($0) }
        guard targets.count == names.count else { return nil }
        let asked = Grant(
            id: row.text(0),
            who: row.text(1),
            targets: targets,
            reason: row.text(3),
            ticket: row.text(4),
            requestedAt: WallInstant(milliseconds: row.integer(5)),
            duration: .seconds(60 * row.integer(6)),
            startsAt: row.integerIfAny(7).map(WallInstant.init(milliseconds:)),
            lapsesAt: WallInstant(milliseconds: row.integer(8)),
            isBreakGlass: row.int(9) != 0
        )
        return Grant(
            asked,
            from: row.integerIfAny(10).map(WallInstant.init(milliseconds:)),
            until: row.integerIfAny(11).map(WallInstant.init(milliseconds:)),
            decision: step(row, 13),
            revocation: step(row, 16),
            closure: step(row, 19),
            isEndTold: row.int(12) != 0
        )
    }

    private static func step(_ row: borrowing Row, _ column: Int) -> Grant.Step? {
        guard let who = row.textIfAny(column) else { return nil }
        let at = WallInstant(milliseconds: row.integer(column + 1))
        return Grant.Step(who: who, at: at, note: row.textIfAny(column + 2))
    }
}

extension AccessStore {
    // MARK: - Use

    func add(_ usage: [UsageKey: Usage]) throws(SQLiteFailure) {
        guard !usage.isEmpty else { return }
        try transaction { () throws(SQLiteFailure) in
            for (key, use) in usage {
                try addUsage.run(
                    key.day,
                    key.who,
                    key.target,
                    use.sessionCount,
                    use.bytesIn,
                    use.bytesOut,
                    use.lastAt.milliseconds
                )
            }
        }
    }

    /// Sums by person and target, from a day on.
    func usage(since day: Int) throws(SQLiteFailure) -> [UsageKey: Usage] {
        let rows = try database.prepare(
            """
            select who, target, sum(sessions), sum(bytes_in), sum(bytes_out), max(last_ms) from usage where day >= ?
            and target <> ? group by who, target
            """
        ).all(day, UsageKey.noTarget) { row in
            (
                UsageKey(day: 0, who: row.text(0), target: row.text(1)),
                Usage(
                    sessionCount: row.int(2),
                    bytesIn: row.integer(3),
                    bytesOut: row.integer(4),
                    lastAt: WallInstant(milliseconds: row.integer(5))
                )
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    /// By person.
    func lastSeen() throws(SQLiteFailure) -> [String: WallInstant] {
        let rows = try database.prepare("select who, max(last_ms) from usage group by who").all { row in
            (row.text(0), WallInstant(milliseconds: row.integer(1)))
        }
        return Dictionary(rows) { first, _ in first }
    }

    func removeUsage(before day: Int) throws(SQLiteFailure) {
        try database.prepare("delete from usage where day < ?").run(day)
        _ = try database.pragma("incremental_vacuum(1000)")
    }

    // MARK: - Lock-outs

    /// Those who are locked out, and nobody else.
    func replaceLockouts(_ entries: [Lockout.Entry]) throws(SQLiteFailure) {
        try transaction { () throws(SQLiteFailure) in
            try database.execute("delete from lockout")
            let add = try database.prepare("insert or replace into lockout values(?, ?, ?, ?, ?)")
            for entry in entries {
                let (isPerson, name) =
                    switch entry.subject {
                    case .person(let id): (1, id)
                    case .address(let address): (0, address.description)
                    }
                try add.run(isPerson, name, entry.since.milliseconds, entry.until.milliseconds, entry.failures)
            }
        }
    }

    func lockouts() throws(SQLiteFailure) -> [Lockout.Entry] {
        try database.prepare(
            "select is_person, name, since_ms, until_ms, failures from lockout limit \(Lockout.subjectsMax)"
        ).all { row -> Lockout.Entry? in
            let name = row.text(1)
            guard let subject = row.int(0) != 0 ? .person(name) : IPAddress(name).map(Lockout.Subject.address) else {
                return nil
            }
            return Lockout.Entry(
                subject: subject,
                since: WallInstant(milliseconds: row.integer(2)),
                until: WallInstant(milliseconds: row.integer(3)),
                failures: row.int(4)
            )
        }.compactMap(\.self)
    }

    // MARK: - Reviews

    func sign(_ signature: ReviewSigning) throws(SQLiteFailure) {
        try database.prepare("insert into signature(at_ms, who, note, days, sha256) values(?, ?, ?, ?, ?)").run(
            signature.at.milliseconds,
            signature.who,
            signature.note,
            signature.days,
            signature.sha256
        )
    }

    /// The newest first.
    func signatures() throws(SQLiteFailure) -> [ReviewSigning] {
        try database.prepare(
            "select at_ms, who, note, days, sha256 from signature order by seq desc limit \(Self.signaturesMax)"
        ).all { row in
            ReviewSigning(
                at: WallInstant(milliseconds: row.integer(0)),
                who: row.text(1),
                note: row.text(2),
                days: row.int(3),
                sha256: row.text(4)
            )
        }
    }

    /// When this store was first opened: from then on a review could have been signed.
    func firstOpened(now: WallInstant) throws(SQLiteFailure) -> WallInstant {
        let find = try database.prepare("select value from note where name = 'first_opened_ms'")
        if let stored = try find.first(read: { $0.text(0) }), let milliseconds = Int64(stored) {
            return WallInstant(milliseconds: milliseconds)
        }
        try database.prepare("insert into note values('first_opened_ms', ?)").run(String(now.milliseconds))
        return now
    }
}
