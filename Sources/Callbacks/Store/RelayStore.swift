// SPDX-License-Identifier: Apache-2.0
internal import Base
package import SQLite

/// The relay's tables and every transition between states, each one SQL statement that checks what it changed.
///
/// It knows no policy, no clock and no randomness. Verbs that change something run inside a transaction of the
/// caller's; several make one commit.
package struct RelayStore: ~Copyable {
    var database: Database
    var accepting: AcceptStatements
    var leasing: LeaseStatements
    var settling: SettleStatements
    var reading: ReadStatements
    var upkeep: UpkeepStatements
    /// The next `item.seq`; a rolled back one is not used again.
    var nextSequence: Int64

    /// Opens or creates the store, brings it to this version, and makes what a dead process had leased ready
    /// again.
    ///
    /// - Throws: ``RelayStartError``; nothing was changed unless it is `.failed`.
    package init(settings: RelaySettings) throws(RelayStartError) {
        let database = try RelaySchema.open(settings: settings)
        do throws(SQLiteFailure) {
            let last = try database.prepare("select seq from sqlite_sequence where name = 'item'")
            let lastSequence = try last.first { $0.integer(0) } ?? 0
            self.init(
                accepting: try AcceptStatements(database),
                leasing: try LeaseStatements(database),
                settling: try SettleStatements(database),
                reading: try ReadStatements(database),
                upkeep: try UpkeepStatements(database),
                nextSequence: lastSequence + 1,
                database: database
            )
        } catch {
            throw .failed(error.description)
        }
    }

    private init(
        accepting: consuming AcceptStatements,
        leasing: consuming LeaseStatements,
        settling: consuming SettleStatements,
        reading: consuming ReadStatements,
        upkeep: consuming UpkeepStatements,
        nextSequence: Int64,
        database: consuming Database
    ) {
        self.accepting = accepting
        self.leasing = leasing
        self.settling = settling
        self.reading = reading
        self.upkeep = upkeep
        self.nextSequence = nextSequence
        self.database = database
    }

    package func begin() throws(SQLiteFailure) { try database.execute("begin immediate") }

    package func commit() throws(SQLiteFailure) { try database.execute("commit") }

    /// Ends a transaction an error may have ended already.
    package func rollBack() throws(SQLiteFailure) {
        if database.isInTransaction { try database.execute("rollback") }
    }

    mutating func takeSequence() -> Int64 {
        defer { nextSequence += 1 }
        return nextSequence
    }
}
