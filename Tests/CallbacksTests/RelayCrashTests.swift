// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Foundation
import Glibc
import LinuxIO
import SQLite
import Synchronization
import TestKit
import Testing

@Suite("Crashes")
struct RelayCrashTests {
    /// What may be counted on after a crash, whenever it came.
    static let invariants: [(name: String, sql: String)] = [
        ("nothing is leased", "select count(*) from item where state = 1"),
        (
            "nothing waits behind nobody",
            """
            select count(*) from item w where w.state = 4 and not exists (select 1 from item h
                where h.endpoint = w.endpoint and h.okey = w.okey and h.state in (0, 5, 6))
            """
        ),
        (
            "no key has two heads",
            """
            select count(*) from (select 1 from item where state in (0, 1, 5, 6)
                group by endpoint, okey having count(*) > 1)
            """
        ),
        ("every item has its message", "select count(*) from item where message not in (select seq from message)"),
        ("every message has its body", "select count(*) from message where seq not in (select message from body)"),
        ("every message has an item", "select count(*) from message where seq not in (select message from item)"),
        ("every body has its message", "select count(*) from body where message not in (select seq from message)"),
        (
            "every attempt is counted",
            """
            select count(*) from item i where attempts != (select count(*) from attempt a where a.item = i.seq)
            """
        ),
        (
            "nothing was delivered before what came first",
            """
            select count(*) from item d join item o on o.endpoint = d.endpoint and o.okey = d.okey
                where d.state = 2 and o.state in (0, 1, 4, 5, 6) and o.kseq < d.kseq
            """
        ),
    ]

    /// What the outside has been told so far.
    struct Ledger: Sendable {
        var accepted: Set<UniqueID> = []
        var delivered: Set<UniqueID> = []
    }

    final class Film {
        var ledger = Ledger()
        var frames: [(path: String, ledger: Ledger, statement: String)] = []
        let folder: TemporaryFolder

        init(folder: TemporaryFolder) { self.folder = folder }

        /// Copies the store as a dying process would leave it: what was written, and nothing else.
        func take(_ statement: String) {
            let path = "\(folder.path)/frame\(frames.count).db"
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.store + suffix) {
                try? FileManager.default.copyItem(atPath: folder.store + suffix, toPath: path + suffix)
            }
            frames.append((path, ledger, statement))
        }
    }

    @Test("at any statement leave a store that recovers with everything acknowledged in it")
    func everyStatement() throws {
        let film = try Film(folder: TemporaryFolder(isInMemory: true))
        try perform(on: film)
        #expect(film.frames.count > 150)
        for frame in film.frames {
            try recover(frame.path)
            let database = try Database(path: frame.path)
            for (name, sql) in Self.invariants {
                let count = try database.prepare(sql).first { $0.int(0) }
                #expect(count == 0, "\(name), after a crash at: \(frame.statement)")
            }
            let state = try database.prepare("select state from item where id = ?")
            for id in frame.ledger.accepted {
                #expect(try state.first(id) { $0.int(0) } != nil, "lost, after a crash at: \(frame.statement)")
            }
            for id in frame.ledger.delivered {
                let isDone = try state.first(id) { $0.integer(0) == ItemState.done.rawValue }
                #expect(isDone == true, "delivered again, after a crash at: \(frame.statement)")
            }
        }
    }

    private func recover(_ path: String) throws {
        var settings = RelaySettings(path: path)
        settings.ballastBytes = 0
        let time = RelayBench.time(RelayBench.startAt + .seconds(3600))
        _ = try RelayEngine.open(settings: settings, at: time, draw: { 1 }, freeBytes: { .max })
    }

    /// Every kind of transition at least once, filmed statement by statement.
    private func perform(on film: Film) throws {
        var bench = try RelayBench(folder: film.folder) { settings in
            settings.retry = RetryPolicy(refusedAttemptsMax: 2)
            settings.checkpointBytes = 20_000
        }
        bench.engine.observeStatements { film.take($0) }
        let both = [RelayBench.payfast, RelayBench.txn]
        bench.configure(
            RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "1"),
            RelayEndpoint(destination: RelayBench.txn, profile: .backend)
        )
        var orders: [DeliveryOrder] = []
        for number in 0..<6 {
            let submitted = bench.submit(RelayBench.submission(number, key: "k\(number % 2)", to: both))
            orders += submitted.orders
            if let id = submitted.outcome.acceptedID { film.ledger.accepted.insert(id) }
            _ = bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now))
        }
        let statuses = [200, 500, 404, 200, 404, 200, 410, 200, 200, 500, 200, 200, 200]
        for status in statuses {
            if orders.isEmpty {
                bench.advance(.seconds(10))
                orders = bench.poll()
            }
            guard !orders.isEmpty else { break }
            let order = orders.removeFirst()
            orders += bench.answer(order, status: status)
            if status == 200 { film.ledger.delivered.insert(order.itemID) }
            _ = bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now))
        }
        for item in bench.items(RelayQuery.Filter(states: [.held])) { _ = bench.ask(.replay(item.id)) }
        _ = bench.ask(.resume(RelayBench.payfast))
        bench.advance(.seconds(60))
        _ = bench.poll()
        film.take("the end")
    }

    @Test("by kill -9 lose no acknowledged callback and deliver none that was not accepted")
    func kill() async throws {
        let folder = try TemporaryFolder()
        let ledgerPath = folder["ledger"]
        for round in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [store = folder.store as String, ledgerPath = ledgerPath as String, round = round as Int] in
                try RelayCrashTests.runUntilKilled(store: store, ledgerPath: ledgerPath, round: round)
            }
        }
        let lines = try String(contentsOfFile: ledgerPath, encoding: .utf8).split(separator: "\n")
        let accepted = Set(lines.filter { $0.hasPrefix("A ") }.compactMap { UniqueID(String($0.dropFirst(2))) })
        let delivered = Set(lines.filter { $0.hasPrefix("D ") }.compactMap { UniqueID(String($0.dropFirst(2))) })
        #expect(accepted.count > 20)
        #expect(!delivered.isEmpty)
        try recover(folder.store)
        let database = try Database(path: folder.store)
        for (name, sql) in Self.invariants {
            #expect(try database.prepare(sql).first { $0.int(0) } == 0, "\(name)")
        }
        let exists = try database.prepare("select 1 from item where id = ?")
        for id in accepted.union(delivered) { #expect(try exists.first(id) { $0.int(0) } == 1) }
    }

    /// Submits and delivers on real threads, telling a ledger outside the store, until the kill comes.
    static func runUntilKilled(store: String, ledgerPath: String, round: Int) throws {
        let ledger = unsafe open(ledgerPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let tell: @Sendable (String) -> Void = { line in
            let bytes = Array((line + "\n").utf8)
            _ = unsafe write(ledger, bytes, bytes.count)
        }
        var settings = RelaySettings(path: store)
        settings.ballastBytes = 0
        settings.freeBytesMin = 0
        let orders = try Mailbox<DeliveryOrder>(countMax: 1000)
        let service = try RelayService(settings: settings) { orders.post($0) }
        service.updateEndpoints([RelayEndpoint(destination: RelayBench.payfast, profile: .plain)])
        let worker = try OwnedThread(name: "worker") {
            while true {
                for order in orders.drain(timeout: nil) {
                    tell("D \(order.itemID)")
                    service.settle(RelayBench.result(order, .answered(status: 200, retryAfter: nil, body: [])))
                }
            }
        }
        _ = worker
        let acceptedCount = Atomic(0)
        for number in 0... {
            let submission = RelayBench.submission(number, key: "k\(number % 7)", dedup: "\(round)-\(number)")
            let isTaken = service.submit(submission) { outcome in
                guard let id = outcome.acceptedID else { return }
                tell("A \(id)")
                // Somewhere in the middle of what other threads are doing.
                let count = acceptedCount.wrappingAdd(1, ordering: .relaxed).newValue
                if count == 10 + round * 7 { _ = Glibc.kill(getpid(), SIGKILL) }
            }
            if !isTaken { Clock.sleep(.milliseconds(1)) }
            if number % 5 == 0 { Clock.sleep(.milliseconds(1)) }
        }
    }

    @Test("an I/O error acknowledges nobody, stops the relay and says so")
    func inputOutputError() async throws {
        // Outside: who ends like that tidies nothing up.
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .exitCode(7)) { [store = folder.store as String] in
            let outcomes = try Mailbox<SubmitOutcome>(countMax: 100)
            let fatals = try Mailbox<RelayFatal>(countMax: 10)
            let service = try RelayService(
                settings: RelayBench.settings(store: store),
                onFatal: { _ = fatals.post($0) },
                dispatch: { _ in true }
            )
            #expect(service.submit(RelayBench.submission(1)) { _ = outcomes.post($0) })
            guard case .accepted? = outcomes.drain(timeout: nil).first else { exit(1) }

            // Every write beyond the first kilobyte of a file fails from here on (setrlimit(2)).
            _ = signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1024, rlim_max: 1024)
            guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            _ = service.submit(RelayBench.submission(2)) { _ = outcomes.post($0) }
            guard case .failed? = outcomes.drain(timeout: nil).first else { exit(3) }
            guard fatals.drain(timeout: .seconds(10)).count == 1 else { exit(4) }
            if service.submit(RelayBench.submission(3), reply: { _ in }) { exit(5) }
            guard case .unavailable = service.ask(.stats) else { exit(6) }
            exit(7)
        }
    }
}
