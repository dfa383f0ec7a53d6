// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite

/// The store's tables, and the settings its promises rest on.
enum RelaySchema {
    /// `user_version`: a store of a later one is refused, an earlier one is brought up step by step.
    static let version = 1
    /// `application_id`: "EIGR", so that no other program's file is taken for ours.
    static let applicationID = 0x4549_4752

    /// Opens the store, or refuses to: every setting durability rests on is read back.
    static func open(settings: RelaySettings) throws(RelayStartError) -> Database {
        do throws(SQLiteFailure) {
            return try Database.store(
                at: settings.path,
                as: format(of: settings.path),
                isChecked: settings.isCheckedAtStart
            )
        } catch {
            throw startError(error, path: settings.path)
        }
    }

    private static func startError(_ failure: SQLiteFailure, path: String) -> RelayStartError {
        switch failure.kind {
        case .busy: .alreadyOpen(path: path)
        case .notAsSet: .notDurable(failure.message)
        case .corrupt: .damaged("\(path): \(failure.message)")
        case .other where failure.code == Self.tooNewCode: .tooNew(version: Int(failure.message) ?? 0)
        default: .failed(failure.description)
        }
    }

    /// Not a code of SQLite's: a store of a later version, its number as the message.
    private static let tooNewCode: Int32 = -1

    private static func format(of path: String) -> StoreFormat {
        StoreFormat(
            applicationID: applicationID,
            version: version,
            tables: tables,
            synchronous: .full,
            settings: [("wal_autocheckpoint", "0"), ("journal_size_limit", "67108864"), ("cache_size", "-16384")],
            hints: ["temp_store = memory"],
            foreign: SQLiteFailure(kind: .corrupt, message: "\(path) is no callback store"),
            later: { SQLiteFailure(kind: .other, code: tooNewCode, message: String($0)) }
        )
    }

    /// The checks repeat in the file what the code keeps: a lease has its identifier, a settled item its time.
    static let tables = """
        create table endpoint(
            id integer primary key,
            name text not null unique,
            parked_at integer,
            parked_revision text
        ) strict;
        create table message(
            seq integer primary key autoincrement,
            id blob not null unique,
            kind integer not null,
            source text not null,
            partner text not null,
            dedup text not null,
            hash blob not null,
            content_type text not null,
            fields text not null,
            body_bytes integer not null,
            received_at integer not null,
            unique(kind, source, partner, dedup)
        ) strict;
        create table body(message integer primary key, bytes blob not null) strict;
        create table item(
            seq integer primary key autoincrement,
            id blob not null unique,
            message integer not null,
            endpoint integer not null,
            okey text not null,
            kseq integer not null,
            state integer not null check (state between 0 and 6),
            next_at integer not null,
            lease integer check ((state = 1) = (lease is not null)),
            attempts integer not null default 0,
            last_status integer,
            last_error text,
            accepted_at integer not null,
            settled_at integer check ((state in (2, 3, 6)) = (settled_at is not null)),
            replay_of blob
        ) strict;
        create index item_due on item(endpoint, next_at, seq) where state = 0;
        create unique index item_head on item(endpoint, okey) where state in (0, 1, 5, 6);
        create index item_waiting on item(endpoint, okey, kseq) where state = 4;
        create index item_trouble on item(seq) where state in (3, 5, 6);
        create index item_settled on item(state, settled_at) where state in (2, 3);
        create index item_message on item(message);
        create table attempt(
            item integer not null,
            n integer not null,
            started_at integer not null,
            milliseconds integer not null,
            status integer,
            error text,
            lease integer not null,
            primary key(item, n)
        ) strict, without rowid;
        """
}
