// SPDX-License-Identifier: Apache-2.0

/// What the relay is run with; every bound has a default.
package struct RelaySettings: Sendable {
    /// The database file; its `-wal` and ballast lie beside it.
    package var path: String
    package var retry: RetryPolicy
    /// Largest body taken, in bytes; listeners refuse earlier.
    package var bodyBytesMax: Int = 1 << 20
    /// Submissions, results and queries waiting for the store's thread.
    package var queueCountMax: Int = 8192
    /// Operations in one commit; the next batch gathers while this one is being synced.
    package var batchCountMax: Int = 64
    /// Attempts in flight over all endpoints.
    package var inFlightMax: Int = 512
    /// Undelivered items of one endpoint before its submissions are told to wait.
    package var backlogCountMax: Int = 1_000_000
    /// Pages in use times page size; beyond it submissions are told to wait.
    package var storeBytesMax: Int64 = 32 << 30
    /// Free bytes on the volume below which submissions are told to wait.
    package var freeBytesMin: Int64 = 256 << 20
    /// Bytes held back so that deliveries can still be recorded on a full volume.
    package var ballastBytes: Int64 = 64 << 20
    /// How long a submission refused for want of room is told to wait.
    package var overloadRetryAfter: Duration = .seconds(30)
    /// Bytes written to the log before they are copied into the database file.
    package var checkpointBytes: Int = 8 << 20
    /// How long delivered items, and with them the memory of duplicates, are kept.
    package var doneRetention: Duration = .seconds(7 * 86_400)
    /// How long dead letters that hold no key are kept.
    package var deadRetention: Duration = .seconds(30 * 86_400)
    /// Whether `quick_check` runs before the store is used.
    package var isCheckedAtStart = true

    package init(path: String, retry: RetryPolicy = RetryPolicy()) {
        self.path = path
        self.retry = retry
    }
}

/// Why the relay did not start; nothing was accepted.
package enum RelayStartError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process holds the store.
    case alreadyOpen(path: String)
    /// A setting durability rests on did not read back.
    case notDurable(String)
    /// The file is damaged, or no store of ours.
    case damaged(String)
    /// The store was written by a later version.
    case tooNew(version: Int)
    case failed(String)

    package var description: String {
        switch self {
        case .alreadyOpen(let path): "\(path): another process holds the store"
        case .notDurable(let why): "the store cannot promise durability: \(why)"
        case .damaged(let why): "the store is damaged: \(why)"
        case .tooNew(let version): "the store has version \(version), later than this program knows"
        case .failed(let why): "the store cannot be opened: \(why)"
        }
    }
}

/// Why the relay stopped by itself: the process must end, and its successor will recover.
package struct RelayFatal: Error, Hashable, Sendable, CustomStringConvertible {
    package let why: String

    package init(why: String) { self.why = why }

    package var description: String { "the callback store failed: \(why)" }
}
