// SPDX-License-Identifier: Apache-2.0
internal import CSQLite

/// A copy of a database that is in use, made a few pages at a time (sqlite.org/c3ref/backup_finish.html).
///
/// What the source's own connection writes meanwhile goes into the copy, too, so that it is the database as it was when
/// the last step was done. Nothing of it is synced: whoever keeps it does that.
@safe package struct DatabaseCopy: ~Copyable {
    package enum Step: Hashable, Sendable {
        case more
        case done
        /// Another process holds the source, or its own connection is in a transaction: nothing was copied.
        case busy
    }

    private let backup: OpaquePointer
    private let destination: Database

    /// - Parameter path: where nothing is yet; the file is its owner's alone.
    /// - Precondition: `source` outlives the copy.
    package init(of source: borrowing Database, to path: String) throws(SQLiteFailure) {
        let destination = try Database(path: path)
        _ = try destination.pragma("journal_mode = off")
        _ = try destination.pragma("synchronous = off")
        guard let backup = unsafe sqlite3_backup_init(destination.handle, "main", source.handle, "main") else {
            throw destination.lastFailure()
        }
        unsafe self.backup = backup
        self.destination = destination
    }

    deinit { _ = unsafe sqlite3_backup_finish(backup) }

    /// Copies up to so many pages; outside a transaction of the source only.
    ///
    /// - Throws: ``SQLiteFailure``; the copy is of no use then.
    package mutating func step(pageCount: Int) throws(SQLiteFailure) -> Step {
        switch unsafe sqlite3_backup_step(backup, CInt(clamping: pageCount)) {
        case SQLITE_DONE: return .done
        case SQLITE_OK: return .more
        case let code where code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED: return .busy
        case let code:
            let message = unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) } ?? "code \(code)"
            throw SQLiteFailure(code: code, message: message)
        }
    }

    /// Pages of the source, and how many of them are still to be copied, as of the last step.
    package var pageCounts: (total: Int, remaining: Int) {
        (Int(unsafe sqlite3_backup_pagecount(backup)), Int(unsafe sqlite3_backup_remaining(backup)))
    }
}
