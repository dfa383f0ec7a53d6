// SPDX-License-Identifier: Apache-2.0
import Base
import Foundation
import SQLite
import TestKit
import Testing

@Suite("Database")
struct DatabaseTests {
    static let values: [SQLiteValue] = [
        .null, .integer(0), .integer(.min), .integer(.max), .text(""), .text("a\0b"), .text("é🙂"), .blob([]),
        .blob([0, 255, 0]), .blob([UInt8](repeating: 7, count: 100_000)),
    ]

    private struct Bound: SQLiteBindable { let sqliteValue: SQLiteValue }

    @Test("gives back every value as it was given", arguments: values)
    func roundTrip(_ value: SQLiteValue) throws {
        let database = try Database(path: ":memory:")
        try database.execute("create table t(x any) strict")
        try database.prepare("insert into t values (?)").run(Bound(sqliteValue: value))
        let read = try database.prepare("select x, typeof(x) from t").first { row -> SQLiteValue in
            switch row.text(1) {
            case "null": .null
            case "integer": .integer(row.integer(0))
            case "text": .text(row.text(0))
            default: .blob(row.blob(0))
            }
        }
        #expect(read == value)
    }

    @Test("keeps identifiers as their 16 bytes, and knows what is none")
    func identifiers() throws {
        let database = try Database(path: ":memory:")
        let id = UniqueID(high: 0x0123_4567_89ab_cdef, low: .max)
        let statement = try database.prepare("select ?1, length(?1), x'00', null")
        let read = try statement.first(id) { ($0.uniqueID(0), $0.int(1), $0.uniqueID(2), $0.isNull(3)) }
        #expect(read?.0 == id && read?.1 == 16 && read?.2 == nil && read?.3 == true)
    }

    @Test("says how many rows a statement changed")
    func changes() throws {
        let database = try Database(path: ":memory:")
        try database.execute("create table t(x); insert into t values (1), (2), (3)")
        let update = try database.prepare("update t set x = x + 10 where x < ?")
        #expect(try update.run(3) == 2)
        #expect(try update.run(3) == 0)
        #expect(try database.prepare("select x from t order by x").all { $0.int(0) } == [3, 11, 12])
    }

    @Test("keeps no transaction open behind a row that was read")
    func rewinds() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder["x.db"])
        try database.execute("create table t(x); insert into t values (1), (2)")
        #expect(try database.prepare("select x from t").first { $0.int(0) } == 1)
        // DDL fails while any statement stands on a row.
        try database.execute("drop table t")
        let isInTransaction = database.isInTransaction
        #expect(!isInTransaction)
    }

    struct Failing: Sendable, CustomTestStringConvertible {
        let kind: SQLiteFailure.Kind
        let attempt: @Sendable (String) throws -> Void
        var testDescription: String { kind.rawValue }
    }

    static let failures: [Failing] = [
        Failing(kind: .other) { try Database(path: $0).execute("selekt") },
        Failing(kind: .cannotOpen) { _ = try Database(path: $0 + "/missing/x.db") },
        Failing(kind: .constraint) {
            try Database(path: $0).execute(
                "create table t(x unique); insert into t values (1); insert into t values (1)"
            )
        },
        Failing(kind: .notAsSet) { try Database(path: $0).set(pragma: "page_size", to: "1000") },
        Failing(kind: .full) {
            try Database(path: $0).execute(
                "pragma max_page_count = 3; create table t(x); insert into t values (zeroblob(100000))"
            )
        },
        Failing(kind: .busy) { path in
            let first = try Database(path: path)
            try first.execute("create table t(x); begin exclusive")
            let second = try Database(path: path)
            try second.execute("insert into t values (1)")
        },
        Failing(kind: .corrupt) { path in
            try Data(repeating: 1, count: 4096).write(to: URL(filePath: path))
            try Database(path: path).execute("create table t(x)")
        },
    ]

    @Test("names what went wrong", arguments: failures)
    func names(_ failing: Failing) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: SQLiteFailure.self) { try failing.attempt(folder["x.db"]) }
        #expect(error?.kind == failing.kind)
    }

    @Test("reads pragmas back in the words SQLite has for them")
    func pragmas() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder["x.db"])
        try database.set(pragma: "journal_mode", to: "WAL")
        try database.set(pragma: "synchronous", to: "full", readsBackAs: "2")
        #expect(throws: SQLiteFailure.self) { try database.set(pragma: "synchronous", to: "full", readsBackAs: "1") }
        #expect(try database.pragma("no_such_pragma") == "")
    }

    @Test("shows each statement to its observer as it starts")
    func observer() throws {
        final class Seen { var texts: [String] = [] }
        let seen = Seen()
        var database = try Database(path: ":memory:")
        database.observeStatements { seen.texts.append($0) }
        try database.execute("create table t(x); insert into t values (1)")
        #expect(seen.texts == ["create table t(x);", "insert into t values (1)"])
    }

    @Test("copies its log into the file, and cuts it when told to")
    func checkpoint() throws {
        let folder = try TemporaryFolder()
        let path = folder["x.db"]
        let database = try Database(path: path)
        try database.set(pragma: "journal_mode", to: "wal")
        try database.execute("create table t(x); insert into t values (1)")
        let written = [database.takeWrittenBytes(), database.takeWrittenBytes()]
        #expect(written[0] > 0 && written[1] == 0)
        let passive = try database.checkpoint(.passive)
        #expect(passive.logPageCount > 0 && passive.copiedPageCount == passive.logPageCount)
        #expect(Volume.fileBytes(at: path + "-wal") > 0)
        _ = try database.checkpoint(.truncate)
        #expect(Volume.fileBytes(at: path + "-wal") == 0)
    }

    @Test("says how it would answer")
    func plan() throws {
        let database = try Database(path: ":memory:")
        try database.execute("create table t(x, y); create index i on t(x)")
        #expect(try database.plan(of: "select * from t where x = 1") == ["SEARCH t USING INDEX i (x=?)"])
        #expect(try database.plan(of: "select * from t where y = 1") == ["SCAN t"])
    }
}
