// SPDX-License-Identifier: Apache-2.0
internal import CSQLite

/// Why SQLite refused, with what a caller branches on.
package struct SQLiteFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The primary result code, as far as anybody decides by it (sqlite.org/rescode.html).
    package enum Kind: String, Hashable, Sendable {
        /// Another connection holds the file.
        case busy
        /// A read, write or sync failed: what is on the disk is unknown, so the connection must go.
        case inputOutput
        /// The file is not what SQLite wrote.
        case corrupt
        /// No room; nothing of the transaction was kept.
        case full
        /// A UNIQUE, CHECK or NOT NULL constraint.
        case constraint
        /// The file cannot be opened or written by this user.
        case cannotOpen
        /// A setting did not read back as it was set.
        case notAsSet
        case other
    }

    package let kind: Kind
    /// The extended result code.
    package let code: Int32
    package let message: String

    package init(kind: Kind, code: Int32 = 0, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    init(code: Int32, message: String) {
        let kind: Kind =
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_IOERR: .inputOutput
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_FULL: .full
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH: .cannotOpen
            default: .other
            }
        self.init(kind: kind, code: code, message: message)
    }

    package var description: String { "\(message) (\(kind.rawValue), SQLite code \(code))" }
}
