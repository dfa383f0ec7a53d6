// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CSQLite

/// The owner of one prepared `sqlite3_stmt *`.
///
/// Each verb binds, steps and rewinds, so that a statement never keeps a transaction open between
/// calls. Not `Sendable`: it stays on the thread of its ``Database``.
@safe package struct Statement: ~Copyable {
    private let handle: OpaquePointer

    /// - Precondition: `handle` came from `sqlite3_prepare_v3` and has no other owner.
    init(adopting handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { _ = unsafe sqlite3_finalize(handle) }

    /// Runs a statement that gives no rows.
    ///
    /// - Returns: the number of rows it changed; a fenced transition must check it.
    @discardableResult
    package func run<each Value: SQLiteBindable>(_ values: repeat each Value) throws(SQLiteFailure) -> Int {
        defer { rewind() }
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try bind(index, value.sqliteValue)
        }
        while try step() {}
        return Int(unsafe sqlite3_changes64(sqlite3_db_handle(handle)))
    }

    /// The first row, read by `read`; nothing when there is none.
    package func first<Result, each Value: SQLiteBindable>(
        _ values: repeat each Value,
        read: (borrowing Row) -> Result
    ) throws(SQLiteFailure) -> Result? {
        defer { rewind() }
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try bind(index, value.sqliteValue)
        }
        return try step() ? read(unsafe Row(handle)) : nil
    }

    /// Every row, read by `read`; the statement itself bounds how many there are.
    package func all<Result, each Value: SQLiteBindable>(
        _ values: repeat each Value,
        read: (borrowing Row) -> Result
    ) throws(SQLiteFailure) -> [Result] {
        defer { rewind() }
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try bind(index, value.sqliteValue)
        }
        var results: [Result] = []
        while try step() { results.append(read(unsafe Row(handle))) }
        return results
    }

    /// Virtual machine steps since this was last asked: how much work a plan does, on any machine.
    package func takeStepCount() -> Int {
        Int(unsafe sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 1))
    }

    private func bind(_ index: Int32, _ value: SQLiteValue) throws(SQLiteFailure) {
        let code: Int32
        switch value {
        case .null: code = unsafe sqlite3_bind_null(handle, index)
        case .integer(let integer): code = unsafe sqlite3_bind_int64(handle, index, integer)
        case .text(var text):
            code = text.withUTF8 { utf8 in
                // SAFETY: the shim makes SQLite copy the bytes before the call returns.
                unsafe utf8.withMemoryRebound(to: CChar.self) { characters in
                    unsafe eig_sqlite3_bind_text(handle, index, characters.baseAddress, Int32(characters.count))
                }
            }
        case .blob(let bytes):
            // SAFETY: the shim makes SQLite copy the bytes before the call returns.
            code = unsafe bytes.withUnsafeBytes { buffer in
                unsafe eig_sqlite3_bind_blob(handle, index, buffer.baseAddress, Int32(buffer.count))
            }
        }
        invariant(code != SQLITE_RANGE && code != SQLITE_MISUSE, "bound a parameter the statement does not have")
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// - Returns: whether there is a row to read.
    private func step() throws(SQLiteFailure) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    private func rewind() {
        // The result repeats the error of the step before it, which was thrown already.
        _ = unsafe sqlite3_reset(handle)
        _ = unsafe sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32) -> SQLiteFailure {
        let database = unsafe sqlite3_db_handle(handle)
        // SAFETY: the message is SQLite's, valid until the next call on this connection; it is copied here.
        let message = unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) }
        return SQLiteFailure(code: unsafe sqlite3_extended_errcode(database), message: message ?? "code \(code)")
    }
}

/// One row while its statement stands on it; columns count from 0.
@safe package struct Row: ~Copyable {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    package func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    package func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

    package func int(_ column: Int) -> Int { Int(integer(column)) }

    package func text(_ column: Int) -> String { String(decoding: blob(column), as: UTF8.self) }

    package func textIfAny(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    package func integerIfAny(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    /// The bytes of a blob or text; none for NULL.
    package func blob(_ column: Int) -> [UInt8] {
        // SAFETY: the pointer is valid for the given count until the next call on this column; copied here.
        guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A blob of 16 bytes as the identifier it was stored from.
    package func uniqueID(_ column: Int) -> UniqueID? {
        let bytes = blob(column)
        guard bytes.count == 16 else { return nil }
        let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return UniqueID(high: high, low: low)
    }
}
