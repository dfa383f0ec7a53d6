// SPDX-License-Identifier: Apache-2.0
internal import Callbacks
internal import Control

/// What a backup holds: its last member, `manifest.json`, and what `eigctl backup --json` writes.
package struct BackupManifest: ControlDocument {
    package struct File: Codable, Hashable, Sendable {
        /// In the archive: `config/…` or `store/relay.db`.
        package var path: String
        package var bytes: Int
        package var sha256: String
    }

    /// The callback store's copy.
    package struct Store: Codable, Hashable, Sendable {
        /// The version of its tables.
        package var version: Int
        package var messages: Int
        /// By state, such as `ready`.
        package var items: [String: Int]
        /// Not yet delivered.
        package var pending: Int
        /// Where it was.
        package var path: String

        init(_ facts: StoreFacts, path: String) {
            version = facts.version
            messages = facts.messageCount
            items = Dictionary(facts.itemCounts.map { ($0.key.description, $0.value) }, uniquingKeysWith: +)
            pending = facts.backlogCount
            self.path = path
        }
    }

    static let memberName = "manifest.json"
    static let configurationPrefix = "config/"
    static let storeName = "store/relay.db"
    static let bytesMax = 16 << 20

    package var schema = controlSchema
    package var ok = true
    /// Which program wrote it.
    package var version: String
    package var madeAt: String
    /// The archive itself; not in the copy inside it.
    package var archive: String?
    package var archiveBytes: Int?
    package var files: [File] = []
    /// Nothing where this host has no store yet.
    package var store: Store?
    /// What lies in the configuration folder and is no file, so that it was left out.
    package var leftOut: [String] = []

    init(version: String, madeAt: String) {
        self.version = version
        self.madeAt = madeAt
    }
}
