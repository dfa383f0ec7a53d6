// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import SQLite

/// The tables of what tunnels did: events, sums by the day, and what is known of each tunnel now.
///
/// One file, at most ``bytesMax``; nothing older than ``daysMax`` days.
struct HistoryStore: ~Copyable {
    static let daysMax = 90
    static let eventsMax = 200_000
    static let bytesMax = 64 << 20
    /// `application_id`: "EIGT".
    private static let applicationID = 0x4549_4754
    private static let version = 1

    private let database: Database
    private let appendEvent: Statement
    private let addDay: Statement
    private let saveTunnel: Statement
    private let savePair: Statement

    /// - Throws: ``SQLiteFailure``; `.corrupt` for a file that is not ours or damaged.
    init(path: String) throws(SQLiteFailure) {
        let database = try Database.store(at: path, as: Self.format)
        let appendEvent = try database.prepare(
            "insert into event(at_ms, partner, tunnel, kind, text) values(?, ?, ?, ?, ?)"
        )
        let addDay = try database.prepare(
            """
            insert into day(day, partner, tunnel, watched_ms, up_ms, bytes_in, bytes_out, rekeys, flaps)
            values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict do update set watched_ms = watched_ms + ?4,
            up_ms = up_ms + ?5, bytes_in = bytes_in + ?6, bytes_out = bytes_out + ?7, rekeys = rekeys + ?8,
            flaps = flaps + ?9
            """
        )
        let saveTunnel = try database.prepare(
            """
            insert or replace into tunnel(partner, tunnel, saved_ms, state, before, since_ms, last_up_ms, bytes_in,
            bytes_out, rekeys, flaps, reason, detail, theirs, serial, failed_ms, switched_ms)
            values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        let savePair = try database.prepare(
            """
            insert or replace into pair(partner, tunnel, number, was_up, ike, child, traffic)
            values(?, ?, ?, ?, ?, ?, ?)
            """
        )
        self.database = database
        self.appendEvent = appendEvent
        self.addDay = addDay
        self.saveTunnel = saveTunnel
        self.savePair = savePair
    }

    private static let format = StoreFormat(
        applicationID: applicationID,
        version: version,
        tables: tables,
        synchronous: .normal,
        hints: ["journal_size_limit = 4194304", "max_page_count = \(bytesMax / 4096)"],
        foreign: notOurs,
        later: { _ in notOurs }
    )

    private static let notOurs = SQLiteFailure(
        kind: .corrupt,
        message: "it is no history of tunnels, or one of a later version"
    )

    private static let tables = """
        create table event(
            seq integer primary key autoincrement, at_ms integer not null, partner text not null,
            tunnel text not null, kind text not null, text text not null
        ) strict;
        create index event_by_time on event(at_ms);
        create index event_by_tunnel on event(partner, tunnel, at_ms);
        create table day(
            day integer not null, partner text not null, tunnel text not null, watched_ms integer not null,
            up_ms integer not null, bytes_in integer not null, bytes_out integer not null, rekeys integer not null,
            flaps integer not null, primary key(day, partner, tunnel)
        ) strict, without rowid;
        create table tunnel(
            partner text not null, tunnel text not null, saved_ms integer not null, state text not null, before text,
            since_ms integer not null, last_up_ms integer, bytes_in integer not null, bytes_out integer not null,
            rekeys integer not null, flaps integer not null, reason text, detail text, theirs text, serial integer,
            failed_ms integer, switched_ms integer, primary key(partner, tunnel)
        ) strict, without rowid;
        create table pair(
            partner text not null, tunnel text not null, number integer not null, was_up integer not null,
            ike integer not null, child integer not null, traffic text not null, primary key(partner, tunnel, number)
        ) strict, without rowid;
        create table note(name text primary key, value text not null) strict, without rowid;
        """

    // MARK: Writing

    /// Writes all of it, or nothing.
    ///
    /// - Throws: ``SQLiteFailure``, `.full` when there is no room on the volume or in the file.
    func write(_ batch: HistoryBatch) throws(SQLiteFailure) {
        try database.execute("begin immediate")
        do throws(SQLiteFailure) {
            for event in batch.events {
                let id = event.tunnel
                try appendEvent.run(
                    event.at.milliseconds,
                    id.partner.rawValue,
                    id.name,
                    event.kind.rawValue,
                    event.text
                )
            }
            for (key, usage) in batch.usage {
                let partner = key.tunnel.partner.rawValue
                try addDay.run(
                    key.day,
                    partner,
                    key.tunnel.name,
                    usage.watchedMilliseconds,
                    usage.upMilliseconds,
                    usage.bytesIn,
                    usage.bytesOut,
                    usage.rekeys,
                    usage.flaps
                )
            }
            for memory in batch.memories { try save(memory, batch) }
            if let cursor = batch.cursor {
                try database.prepare("insert or replace into note values('cursor', ?)").run(cursor)
            }
            try database.execute("commit")
        } catch {
            if database.isInTransaction { try? database.execute("rollback") }
            throw error
        }
    }

    private func save(_ memory: TunnelMemory, _ batch: HistoryBatch) throws(SQLiteFailure) {
        let partner = memory.id.partner.rawValue
        let heard = memory.failure
        try saveTunnel.run(
            partner,
            memory.id.name,
            batch.at.milliseconds,
            memory.state.rawValue,
            memory.before?.rawValue,
            memory.since.milliseconds,
            memory.lastUpAt?.milliseconds,
            memory.bytesIn,
            memory.bytesOut,
            memory.rekeys,
            memory.flaps,
            heard?.failure.reason.rawValue,
            heard?.failure.detail,
            heard?.failure.theirs,
            heard?.serial,
            heard?.at.milliseconds,
            batch.switchedAt[memory.id]?.milliseconds
        )
        for (name, pair) in memory.connections {
            let traffic = pair.traffic.map { "\($0.key):\($0.value.addedAt):\($0.value.bytesIn):\($0.value.bytesOut)" }
            try savePair.run(
                partner,
                memory.id.name,
                name.number,
                pair.wasUp ? 1 : 0,
                pair.ikeSerial,
                pair.childSerial,
                traffic.joined(separator: " ")
            )
        }
    }

    /// Removes what is too old or too much, and gives its room back to the volume.
    ///
    /// - Parameter eventsMax: fewer than usual when the file is full.
    func prune(at now: WallInstant, eventsMax: Int = Self.eventsMax) throws(SQLiteFailure) {
        let oldest = now.milliseconds - Int64(Self.daysMax) * 86_400_000
        try database.prepare("delete from event where at_ms < ?").run(oldest)
        try database.prepare(
            "delete from event where seq <= (select coalesce(max(seq), 0) from event) - ?"
        ).run(eventsMax)
        try database.prepare("delete from day where day < ?").run(Int(HistoryBatch.day(now)) - Self.daysMax)
        try database.prepare("delete from tunnel where saved_ms < ?").run(oldest)
        try database.execute(
            """
            delete from pair where not exists (select 1 from tunnel
            where tunnel.partner = pair.partner and tunnel.tunnel = pair.tunnel)
            """
        )
        _ = try database.pragma("incremental_vacuum(2000)")
    }

    // MARK: Reading

    /// What the program before this one knew.
    func memories() throws(SQLiteFailure) -> [(memory: TunnelMemory, switchedAt: WallInstant?)] {
        let pairs = try database.prepare("select partner, tunnel, number, was_up, ike, child, traffic from pair").all {
            row -> (ConnectionName, TunnelMemory.Pair)? in
            guard let id = Self.tunnel(row), let name = ConnectionName("p_\(id.partner)_\(id.name)_s\(row.int(2))")
            else {
                return nil
            }
            var pair = TunnelMemory.Pair()
            pair.wasUp = row.int(3) != 0
            pair.ikeSerial = row.int(4)
            pair.childSerial = row.int(5)
            pair.traffic = Self.traffic(row.text(6))
            return (name, pair)
        }
        let byTunnel = Dictionary(grouping: pairs.compactMap { $0 }, by: \.0.tunnel)
        let rows = try database.prepare(
            """
            select partner, tunnel, state, before, since_ms, last_up_ms, bytes_in, bytes_out, rekeys, flaps, reason,
            detail, theirs, serial, failed_ms, switched_ms from tunnel
            """
        ).all { row -> (memory: TunnelMemory, switchedAt: WallInstant?)? in
            guard let id = Self.tunnel(row), let state = TunnelMachine.State(rawValue: row.text(2)) else { return nil }
            var memory = TunnelMemory(id: id, state: state, since: WallInstant(milliseconds: row.integer(4)))
            memory.before = row.textIfAny(3).flatMap(TunnelMachine.State.init(rawValue:))
            memory.lastUpAt = row.integerIfAny(5).map(WallInstant.init(milliseconds:))
            memory.bytesIn = row.integer(6)
            memory.bytesOut = row.integer(7)
            memory.rekeys = row.int(8)
            memory.flaps = row.int(9)
            if let reason = row.textIfAny(10).flatMap(TunnelFailure.Reason.init(rawValue:)),
                let at = row.integerIfAny(14)
            {
                let failure = TunnelFailure(reason, detail: row.text(11), theirs: row.textIfAny(12))
                let serial = row.integerIfAny(13).map { Int($0) }
                memory.failure = .init(failure: failure, serial: serial, at: WallInstant(milliseconds: at))
            }
            memory.connections = Dictionary(byTunnel[id] ?? [], uniquingKeysWith: { $1 })
            return (memory, row.integerIfAny(15).map(WallInstant.init(milliseconds:)))
        }
        return rows.compactMap { $0 }
    }

    private static func tunnel(_ row: borrowing Row) -> TunnelID? {
        PartnerID(row.text(0)).map { TunnelID(partner: $0, name: row.text(1)) }
    }

    private static func traffic(_ text: String) -> [Int: ConnectionState.Traffic] {
        var traffic: [Int: ConnectionState.Traffic] = [:]
        for word in text.split(separator: " ") {
            let numbers = word.split(separator: ":").compactMap { Int64($0) }
            guard numbers.count == 4 else { continue }
            traffic[Int(numbers[0])] = .init(addedAt: numbers[1], bytesIn: numbers[2], bytesOut: numbers[3])
        }
        return traffic
    }

    /// The log's cursor of the program before this one.
    func cursor() throws(SQLiteFailure) -> String? {
        try database.prepare("select value from note where name = 'cursor'").first { $0.text(0) }
    }

    /// - Parameter partner, tunnel: nothing for all.
    func events(
        _ partner: String?,
        _ tunnel: String?,
        since: WallInstant,
        limit: Int
    ) throws(SQLiteFailure) -> [TunnelEvent] {
        try database.prepare(
            """
            select partner, tunnel, at_ms, kind, text from event where at_ms >= ?1 and (?2 is null or partner = ?2)
            and (?3 is null or tunnel = ?3) order by at_ms desc, seq desc limit ?4
            """
        ).all(since.milliseconds, partner, tunnel, limit) { row -> TunnelEvent? in
            guard let id = Self.tunnel(row), let kind = TunnelEvent.Kind(rawValue: row.text(3)) else { return nil }
            return TunnelEvent(id, kind, at: WallInstant(milliseconds: row.integer(2)), row.text(4))
        }.compactMap { $0 }
    }

    /// Sums by the day, the newest first.
    func days(
        _ partner: String?,
        _ tunnel: String?,
        since day: Int
    ) throws(SQLiteFailure) -> [(key: HistoryBatch.DayKey, usage: TunnelUsage)] {
        try database.prepare(
            """
            select partner, tunnel, day, watched_ms, up_ms, bytes_in, bytes_out, rekeys, flaps from day
            where day >= ?1 and (?2 is null or partner = ?2) and (?3 is null or tunnel = ?3)
            order by day desc, partner, tunnel limit 100000
            """
        ).all(day, partner, tunnel) { row -> (key: HistoryBatch.DayKey, usage: TunnelUsage)? in
            guard let id = Self.tunnel(row) else { return nil }
            var usage = TunnelUsage()
            usage.watchedMilliseconds = row.integer(3)
            usage.upMilliseconds = row.integer(4)
            usage.bytesIn = row.integer(5)
            usage.bytesOut = row.integer(6)
            usage.rekeys = row.int(7)
            usage.flaps = row.int(8)
            return (HistoryBatch.DayKey(tunnel: id, day: row.int(2)), usage)
        }.compactMap { $0 }
    }

    /// How many events there are, and when the first was.
    func extent() throws(SQLiteFailure) -> (count: Int, first: WallInstant?) {
        let row = try database.prepare("select count(*), min(at_ms) from event").first {
            ($0.int(0), $0.integerIfAny(1).map(WallInstant.init(milliseconds:)))
        }
        return row ?? (0, nil)
    }
}
