// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
internal import SQLite

/// A callback store on disk that no relay has open: a copy, or that of a gateway which does not run.
package struct StoreFacts: Hashable, Sendable {
    /// The version of its tables; a program knows those up to ``StoreFile/newestVersion``.
    package let version: Int
    package let messageCount: Int
    package let itemCounts: [ItemState: Int]

    /// Items not yet delivered, given up ones that hold a key included.
    package var backlogCount: Int { itemCounts.filter(\.key.isOpen).values.reduce(0, +) }
    package var itemCount: Int { itemCounts.values.reduce(0, +) }
}

/// Why a store file cannot be used, in words.
package struct StoreFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

package enum StoreFile {
    package static var newestVersion: Int { RelaySchema.version }

    /// Reads and checks the whole file (`integrity_check`): takes as long as reading it does, and more.
    ///
    /// - Precondition: nobody writes to it.
    /// - Throws: ``StoreFileError`` for what is damaged or no callback store. One of a later version is none: its facts say.
    package static func inspect(_ path: String) throws(StoreFileError) -> StoreFacts {
        do throws(SQLiteFailure) {
            let database = try Database(readingUnchanging: path)
            _ = try database.pragma("trusted_schema = off")
            _ = try database.pragma("cell_size_check = on")
            guard Int(try database.pragma("application_id")) == RelaySchema.applicationID else {
                throw SQLiteFailure(kind: .corrupt, message: "it is no callback store")
            }
            let verdict = try database.pragma("integrity_check(1)")
            guard verdict == "ok" else { throw SQLiteFailure(kind: .corrupt, message: verdict) }
            let version = Int(try database.pragma("user_version")) ?? 0
            guard version <= newestVersion else {
                return StoreFacts(version: version, messageCount: 0, itemCounts: [:])
            }
            let messages = try database.prepare("select count(*) from message").first { $0.int(0) }
            let items = try database.prepare("select state, count(*) from item group by state").all { row in
                (ItemState(rawValue: row.integer(0)), row.int(1))
            }
            let counts = items.compactMap { state, count in state.map { ($0, count) } }
            return StoreFacts(
                version: version,
                messageCount: messages ?? 0,
                itemCounts: Dictionary(counts, uniquingKeysWith: +)
            )
        } catch {
            throw StoreFileError(description: "\(path): \(error.description)")
        }
    }

    /// Copies the store of a gateway that does not run, with what is in its write-ahead log.
    ///
    /// - Parameter destination: where nothing is yet.
    /// - Throws: ``StoreFileError``, also when a gateway has it open after all; nothing is left behind then.
    package static func copy(_ path: String, to destination: String) throws(StoreFileError) {
        do throws(SQLiteFailure) {
            let database = try Database(path: path)
            var copy = try DatabaseCopy(of: database, to: destination)
            while true {
                switch try copy.step(pageCount: 1024) {
                case .more: continue
                case .done: return
                case .busy: throw SQLiteFailure(kind: .busy, message: "another process has it open")
                }
            }
        } catch {
            try? FileStore.remove(destination)
            throw StoreFileError(description: "\(path): \(error.description)")
        }
    }
}
