// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Foundation
import SQLite
import TestKit
import Testing

@Suite("Relay store")
struct RelayStoreTests {
    static let now = RelayBench.startAt

    private func fill(_ store: inout RelayStore, endpoint: Int64, count: Int, key: (Int) -> String) throws {
        try store.begin()
        for number in 0..<count {
            let id = UniqueID(high: UInt64(endpoint), low: UInt64(number))
            _ = try store.insert(
                RelayBench.submission(number, key: key(number), dedup: "\(endpoint)-\(number)"),
                id: id,
                dedup: "\(endpoint)-\(number)",
                hash: [],
                items: [NewItem(id: id, endpoint: endpoint)],
                at: Self.now
            )
        }
        try store.commit()
    }

    @Test("leases by the index of heads, and reads nothing else by scanning")
    func plan() throws {
        let folder = try TemporaryFolder()
        let store = try RelayStore(settings: RelayBench.settings(folder))
        let plan = try store.duePlan()
        #expect(plan.first == "SEARCH i USING INDEX item_due (endpoint=? AND next_at<?)")
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
    }

    @Test("works no harder to lease with 2,000 items behind one key than with none")
    func backlog() throws {
        func steps(behind count: Int) throws -> Int {
            let folder = try TemporaryFolder()
            var store = try RelayStore(settings: RelayBench.settings(folder))
            try store.begin()
            let endpoint = try store.insertEndpoint(named: "partner:payfast")
            try store.commit()
            try fill(&store, endpoint: endpoint, count: count + 1) { _ in "one" }
            _ = store.takeDueStepCount()
            #expect(try store.due(endpoint: endpoint, at: Self.now, limit: 16).count == 1)
            return store.takeDueStepCount()
        }
        let alone = try steps(behind: 0)
        #expect(alone > 0)
        #expect(try steps(behind: 2000) == alone)
    }

    @Test("hands out at most the limit, longest due first, none before its time")
    func due() throws {
        let folder = try TemporaryFolder()
        var store = try RelayStore(settings: RelayBench.settings(folder))
        try store.begin()
        let endpoint = try store.insertEndpoint(named: "partner:payfast")
        let other = try store.insertEndpoint(named: "partner:other")
        try store.commit()
        try fill(&store, endpoint: endpoint, count: 5) { "k\($0)" }
        #expect(try store.due(endpoint: endpoint, at: Self.now, limit: 3).map(\.id.low) == [0, 1, 2])
        #expect(try store.due(endpoint: endpoint, at: Self.now - .milliseconds(1), limit: 3).isEmpty)
        #expect(try store.due(endpoint: other, at: Self.now, limit: 3).isEmpty)
        #expect(try store.earliestDue(endpoint: endpoint) == Self.now)
        #expect(try store.earliestDue(endpoint: other) == nil)
    }

    @Test("does not allow a second head of one key")
    func oneHead() throws {
        let folder = try TemporaryFolder()
        do {
            var store = try RelayStore(settings: RelayBench.settings(folder))
            try store.begin()
            let endpoint = try store.insertEndpoint(named: "partner:payfast")
            try store.commit()
            try fill(&store, endpoint: endpoint, count: 2) { _ in "one" }
        }
        let database = try Database(path: folder.store)
        #expect(throws: SQLiteFailure.self) { try database.execute("update item set state = 0 where state = 4") }
        #expect(throws: SQLiteFailure.self) { try database.execute("update item set state = 1 where state = 0") }
    }

    @Test("is readable by its owner only")
    func mode() throws {
        let folder = try TemporaryFolder()
        var bench = try RelayBench(folder: folder)
        _ = bench.submit(RelayBench.submission(1))
        for name in ["", "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.store + name)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("refuses to start where its settings do not read back")
    func notDurable() {
        #expect(throws: RelayStartError.notDurable("pragma journal_mode is memory, not wal")) {
            _ = try RelayStore(settings: RelaySettings(path: ":memory:"))
        }
    }

    @Test("refuses a file of another program, of a later version, or no database at all")
    func foreign() throws {
        let folder = try TemporaryFolder()
        func refusal(_ prepare: (String) throws -> Void) throws -> RelayStartError? {
            try? FileManager.default.removeItem(atPath: folder.store)
            try? FileManager.default.removeItem(atPath: folder.store + "-wal")
            try prepare(folder.store)
            do throws(RelayStartError) {
                _ = try RelayStore(settings: RelayBench.settings(folder))
                return nil
            } catch {
                return error
            }
        }
        let foreign = try refusal { try Database(path: $0).execute("create table theirs(x)") }
        #expect(foreign == .damaged("\(folder.store): \(folder.store) is no callback store"))
        let later = try refusal {
            _ = try RelayStore(settings: RelaySettings(path: $0))
            try Database(path: $0).execute("pragma user_version = 2")
        }
        #expect(later == .tooNew(version: 2))
        let text = try refusal { try Data(repeating: 65, count: 8192).write(to: URL(filePath: $0)) }
        guard case .damaged? = text else {
            Issue.record("a text file came to \(String(describing: text))")
            return
        }
        #expect(try refusal { _ in } == nil)
        #expect(throws: RelayStartError.self) { _ = try RelayStore(settings: RelaySettings(path: "/nowhere/relay.db")) }
    }

    @Test("forgets delivered items after their time, in small batches, and then takes the same message again")
    func retention() throws {
        var bench = try RelayBench(adjust: { $0.doneRetention = .seconds(3600) })
        bench.configure(
            RelayEndpoint(destination: RelayBench.txn, profile: .backend),
            RelayEndpoint(destination: RelayBench.rpt, profile: .backend)
        )
        let both = [RelayBench.txn, RelayBench.rpt]
        let orders = bench.submit(RelayBench.submission(1, to: both)).orders
        bench.answer(orders[0])
        _ = bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now))
        bench.advance(.seconds(3601))
        #expect(bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now)) == nil)
        // One destination has it still to get: message and duplicate memory stay.
        #expect(bench.items().map(\.destination) == [orders[1].destination.description])
        guard case .duplicate = bench.submit(RelayBench.submission(1, to: both)).outcome else {
            Issue.record("a message with an open item was forgotten")
            return
        }
        // Its lease has run out meanwhile.
        bench.advance(.seconds(2))
        for order in bench.poll() { bench.answer(order) }
        bench.advance(.seconds(3601))
        #expect(bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now)) == nil)
        #expect(bench.items().isEmpty)
        #expect(bench.metrics.purgedCount == 2)
        #expect(bench.submit(RelayBench.submission(1, to: both)).outcome.acceptedID != nil)
    }

    @Test("empties its log when idle, and copies it when it has grown")
    func checkpoints() throws {
        var bench = try RelayBench(adjust: { $0.checkpointBytes = 200_000 })
        func maintain(isIdle: Bool) {
            #expect(bench.engine.maintain(isIdle: isIdle, at: RelayBench.time(bench.now)) == nil)
        }
        _ = bench.submit(RelayBench.submission(1))
        maintain(isIdle: false)
        #expect(bench.metrics.checkpointCount == 0)
        #expect(Volume.fileBytes(at: bench.settings.path + "-wal") > 0)
        for number in 2..<30 { _ = bench.submit(RelayBench.submission(number)) }
        maintain(isIdle: false)
        #expect(bench.metrics.checkpointCount == 1)
        _ = bench.submit(RelayBench.submission(40))
        maintain(isIdle: true)
        #expect(bench.metrics.checkpointCount == 1)
        bench.advance(.seconds(2))
        maintain(isIdle: true)
        #expect(bench.metrics.checkpointCount == 2)
        #expect(Volume.fileBytes(at: bench.settings.path + "-wal") == 0)
        maintain(isIdle: true)
        #expect(bench.metrics.checkpointCount == 2)
    }
}
