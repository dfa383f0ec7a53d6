// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CSQLite
internal import Glibc

/// The owner of one SQLite connection.
///
/// Opened without SQLite's own mutexes: it must stay on one thread. Nothing else in the process may open
/// and close the same file, not even to read it: closing any descriptor of a file drops the process's
/// POSIX locks on it (sqlite.org/howtocorrupt.html §2.2).
@safe package struct Database: ~Copyable {
    let handle: OpaquePointer
    private var observer: StatementObserver?

    /// Opens the file at `path`, creating it when it does not exist.
    ///
    /// - Throws: ``SQLiteFailure``, `.cannotOpen` for a missing folder or rights.
    package init(path: String) throws(SQLiteFailure) {
        Self.createPrivately(path)
        try self.init(name: path, path: path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    }

    /// Opens a file that nobody changes, such as a copy, and leaves no trace beside it.
    ///
    /// - Throws: ``SQLiteFailure``, `.cannotOpen` when there is no such file.
    package init(readingUnchanging path: String) throws(SQLiteFailure) {
        // A URI (sqlite.org/uri.html): what would end the path in it is escaped.
        var name = "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"): name += "%\(Hex.encode([byte]))"
            default: name += String(decoding: [byte], as: UTF8.self)
            }
        }
        try self.init(name: "\(name)?immutable=1", path: path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
    }

    private init(name: String, path: String, _ mode: CInt) throws(SQLiteFailure) {
        var opened: OpaquePointer?
        let flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(name, &opened, flags, nil)
        guard let opened = unsafe opened else {
            throw SQLiteFailure(code: code, message: "no memory to open \(path)")
        }
        guard code == SQLITE_OK else {
            let message = unsafe sqlite3_errmsg(opened).map { unsafe String(cString: $0) } ?? "code \(code)"
            _ = unsafe sqlite3_close_v2(opened)
            throw SQLiteFailure(code: code, message: "\(path): \(message)")
        }
        unsafe handle = opened
        observer = nil
    }

    /// Makes a new file readable by its owner only; SQLite gives its log the same mode.
    ///
    /// `O_EXCL`: a file that exists is not opened, since closing it would drop this process's locks on it.
    private static func createPrivately(_ path: String) {
        guard path != ":memory:" else { return }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Statements that still live keep the connection open until they are dropped (`sqlite3_close_v2`).
    deinit {
        _ = unsafe sqlite3_trace_v2(handle, 0, nil, nil)
        _ = unsafe sqlite3_close_v2(handle)
    }

    /// Runs one or more statements that take no parameters.
    package func execute(_ script: String) throws(SQLiteFailure) {
        guard unsafe sqlite3_exec(handle, script, nil, nil, nil) != SQLITE_OK else { return }
        throw lastFailure()
    }

    /// Prepares one statement that will be used again and again.
    package func prepare(_ sql: String) throws(SQLiteFailure) -> Statement {
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil) == SQLITE_OK else {
            throw lastFailure()
        }
        guard let statement = unsafe statement else { throw SQLiteFailure(kind: .other, message: "empty statement") }
        return unsafe Statement(adopting: statement)
    }

    /// Sets a pragma and reads it back.
    ///
    /// - Throws: ``SQLiteFailure`` with `.notAsSet` when SQLite did not take the value: many pragmas fail in
    ///   silence (sqlite.org/pragma.html).
    package func set(pragma name: String, to value: String, readsBackAs expected: String? = nil) throws(SQLiteFailure) {
        _ = try pragma("\(name) = \(value)")
        let actual = try pragma(name)
        let expected = expected ?? value
        guard actual.lowercased() == expected.lowercased() else {
            throw SQLiteFailure(kind: .notAsSet, message: "pragma \(name) is \(actual), not \(expected)")
        }
    }

    /// The first column of a pragma's first row; empty when there is no row.
    package func pragma(_ text: String) throws(SQLiteFailure) -> String {
        let statement = try prepare("pragma \(text)")
        return try statement.first { $0.text(0) } ?? ""
    }

    /// Whether a transaction is open; an I/O or full error may have rolled it back already.
    package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Bytes of pages written since this was last asked.
    package func takeWrittenBytes() -> Int {
        var written: CInt = 0
        var highest: CInt = 0
        _ = unsafe sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &written, &highest, 1)
        return Int(written) * 4096
    }

    /// How the query would be answered, one line a step (`EXPLAIN QUERY PLAN`).
    package func plan(of sql: String) throws(SQLiteFailure) -> [String] {
        let statement = try prepare("explain query plan \(sql)")
        return try statement.all { $0.text(3) }
    }

    /// The failure of the last call on this connection.
    func lastFailure() -> SQLiteFailure {
        // SAFETY: the message is SQLite's, valid until the next call on this connection; it is copied here.
        let message = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) }
        return SQLiteFailure(code: unsafe sqlite3_extended_errcode(handle), message: message ?? "unknown")
    }
}

extension Database {
    package enum CheckpointMode: Sendable {
        /// Copies what it can without waiting.
        case passive
        /// Copies everything and cuts the log to nothing.
        case truncate
    }

    /// How far a checkpoint came, in pages of the write-ahead log.
    package struct Checkpoint: Hashable, Sendable {
        package let logPageCount: Int
        package let copiedPageCount: Int
    }

    /// Copies the write-ahead log into the database file.
    package func checkpoint(_ mode: CheckpointMode) throws(SQLiteFailure) -> Checkpoint {
        var logged: Int32 = 0
        var copied: Int32 = 0
        let how =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        guard unsafe sqlite3_wal_checkpoint_v2(handle, nil, how, &logged, &copied) == SQLITE_OK else {
            throw lastFailure()
        }
        return Checkpoint(logPageCount: Int(logged), copiedPageCount: Int(copied))
    }
}

/// What ``Database/observeStatements(_:)`` keeps alive for SQLite.
private final class StatementObserver {
    let observe: (String) -> Void
    init(_ observe: @escaping (String) -> Void) { self.observe = observe }
}

extension Database {
    /// Calls `observe` with the text of each statement as it starts: tests stop the world there.
    package mutating func observeStatements(_ observe: @escaping (String) -> Void) {
        let observer = StatementObserver(observe)
        self.observer = observer
        // SAFETY: the observer lives as long as this connection's owner, and is called on its thread only.
        _ = unsafe sqlite3_trace_v2(
            handle,
            UInt32(SQLITE_TRACE_STMT),
            { _, context, _, text in
                guard let context = unsafe context, let text = unsafe text else { return 0 }
                let sql = unsafe String(cString: text.assumingMemoryBound(to: CChar.self))
                unsafe Unmanaged<StatementObserver>.fromOpaque(context).takeUnretainedValue().observe(sql)
                return 0
            },
            Unmanaged.passUnretained(observer).toOpaque()
        )
    }
}
