// SPDX-License-Identifier: Apache-2.0

/// A file of ours: whose it is, what is in it, and the settings that its promises rest on.
package struct StoreFormat: Sendable {
    /// What a commit waits for (sqlite.org/pragma.html#pragma_synchronous).
    package enum Synchronous: Sendable {
        /// Whatever was committed outlasts a power cut.
        case full
        /// A power cut may take the last commits, and damages nothing.
        case normal
    }

    /// `application_id`, so that no other program's file is taken for ours.
    package var applicationID: Int
    /// `user_version`; a file of a later one is refused.
    package var version: Int
    /// The statements that make a new file's tables, each ended by a semicolon.
    package var tables: String
    package var synchronous: Synchronous
    /// Further pragmas, set and read back.
    package var settings: [(name: String, value: String)]
    /// Further pragmas that promise nothing, such as `temp_store = memory`.
    package var hints: [String]
    /// What a file that is not ours is refused with.
    package var foreign: SQLiteFailure
    /// What a file of a later version is refused with.
    package var later: @Sendable (_ version: Int) -> SQLiteFailure

    package init(
        applicationID: Int,
        version: Int,
        tables: String,
        synchronous: Synchronous,
        settings: [(name: String, value: String)] = [],
        hints: [String] = [],
        foreign: SQLiteFailure,
        later: @escaping @Sendable (_ version: Int) -> SQLiteFailure
    ) {
        self.applicationID = applicationID
        self.version = version
        self.tables = tables
        self.synchronous = synchronous
        self.settings = settings
        self.hints = hints
        self.foreign = foreign
        self.later = later
    }
}

extension Database {
    /// Opens the one file of a store, makes its tables where it is new, and keeps everybody else out of it.
    ///
    /// One connection, write-ahead log, every setting that durability rests on read back.
    ///
    /// - Parameter isChecked: looks through the file for damage (`quick_check`).
    /// - Throws: ``SQLiteFailure``; `.busy` when somebody has it, `.notAsSet`, `.corrupt`, and what `format` says.
    package static func store(
        at path: String,
        as format: StoreFormat,
        isChecked: Bool = true
    ) throws(SQLiteFailure) -> Database {
        let database = try Database(path: path)
        // Before the first access: no shared memory, and nobody else may come in.
        try database.set(pragma: "locking_mode", to: "exclusive")
        if try database.pragma("page_count") == "0" { _ = try database.pragma("auto_vacuum = incremental") }
        try database.set(pragma: "page_size", to: "4096")
        try database.set(pragma: "journal_mode", to: "wal")
        switch format.synchronous {
        case .full: try database.set(pragma: "synchronous", to: "full", readsBackAs: "2")
        case .normal: try database.set(pragma: "synchronous", to: "normal", readsBackAs: "1")
        }
        try database.set(pragma: "trusted_schema", to: "off", readsBackAs: "0")
        try database.set(pragma: "cell_size_check", to: "on", readsBackAs: "1")
        for (name, value) in format.settings { try database.set(pragma: name, to: value) }
        for hint in format.hints { _ = try database.pragma(hint) }
        // Takes the lock now rather than with the first change.
        try database.execute("begin exclusive; commit")
        try database.bringUp(to: format)
        if isChecked {
            let verdict = try database.pragma("quick_check(1)")
            guard verdict == "ok" else { throw SQLiteFailure(kind: .corrupt, message: verdict) }
        }
        return database
    }

    private borrowing func bringUp(to format: StoreFormat) throws(SQLiteFailure) {
        let owner = Int(try pragma("application_id")) ?? 0
        let stored = Int(try pragma("user_version")) ?? 0
        let schema = try pragma("schema_version")
        let isNew = owner == 0 && stored == 0 && schema == "0"
        guard isNew || owner == format.applicationID else { throw format.foreign }
        guard stored <= format.version else { throw format.later(stored) }
        guard stored < format.version else { return }
        try execute(
            """
            begin immediate; pragma application_id = \(format.applicationID); \(format.tables)
            pragma user_version = \(format.version); commit
            """
        )
    }
}
