// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TestKit
import Testing

@Suite("Questions and orders of operators")
struct RelayQueryTests {
    private func bench(_ count: Int) throws -> RelayBench {
        var bench = try RelayBench(adjust: { $0.retry = RetryPolicy(refusedAttemptsMax: 1) })
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .backend, revision: "1"))
        for number in 0..<count { _ = bench.submit(RelayBench.submission(number, key: "k\(number)")) }
        return bench
    }

    @Test("the numbers of a destination: attempts, dead letters, and how long the longest has been waiting")
    func destination() throws {
        var bench = try bench(2)
        func look() {
            #expect(bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now)) == nil)
        }
        look()
        #expect(bench.metrics.endpoints.map(\.oldestAge) == [.zero])
        bench.now = bench.now + .seconds(20)
        #expect(bench.metrics.endpoints.map(\.oldestAge) == [.seconds(20)])
        let leased = bench.items().reversed().map(\.id)
        let later = bench.submit(RelayBench.submission(2, key: "k2")).orders
        look()
        #expect(bench.metrics.endpoints.map(\.oldestAge) == [.seconds(20)])
        #expect(leased.count == 2 && later.count == 1)
        // The later one goes first; what the others wait for is not its business.
        bench.answer(later[0])
        look()
        let numbers = try #require(bench.metrics.endpoints.first)
        #expect(numbers.deliveredCount == 1 && numbers.failedAttemptCount == 0 && numbers.deadCount == 0)
        #expect(numbers.backlogCount == 2)
        #expect(numbers.oldestAge == .seconds(20))
    }

    @Test("dead letters wait for nobody: the longest waiting is one that can still be delivered")
    func heldIsNotWaiting() throws {
        var bench = try RelayBench(adjust: { $0.retry = RetryPolicy(refusedAttemptsMax: 1) })
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .backend, revision: "1"))
        let order = try #require(bench.submit(RelayBench.submission(0, key: "a")).orders.first)
        bench.answer(order, status: 400)
        bench.now = bench.now + .seconds(600)
        _ = bench.submit(RelayBench.submission(1, key: "b"))
        #expect(bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now)) == nil)
        let numbers = try #require(bench.metrics.endpoints.first)
        #expect(numbers.heldCount == 1 && numbers.deadCount == 1 && numbers.failedAttemptCount == 1)
        #expect(numbers.oldestAge == .zero)
    }

    @Test("a listing is newest first, filtered, and goes on where it ended")
    func listing() throws {
        var bench = try bench(7)
        _ = bench.submit(RelayBench.submission(7, to: [RelayBench.mobicash, RelayBench.rpt]))
        #expect(bench.items(RelayQuery.Filter(limit: 3)).map(\.destination).first == "backend:rpt")
        var pages: [[Int64]] = []
        var filter = RelayQuery.Filter(limit: 4)
        while case .items(let items, let before) = bench.ask(.list(filter)) {
            pages.append(items.map(\.sequence))
            guard let before else { break }
            filter.before = before
        }
        #expect(pages.flatMap { $0 } == (1...9).reversed().map { Int64($0) })
        let about = bench.items(RelayQuery.Filter(partner: "mobicash"))
        #expect(Set(about.map(\.destination)) == ["partner:mobicash", "backend:rpt"])
        #expect(bench.items(RelayQuery.Filter(destination: RelayBench.rpt)).count == 1)
        #expect(bench.items(RelayQuery.Filter(states: [.leased])).count == 7)
        #expect(bench.items(RelayQuery.Filter(states: [.done])).isEmpty)
        #expect(bench.items(.deadLetters()).isEmpty)
    }

    @Test("a listing asks for no more than it may", arguments: [(0, 1), (-5, 1), (500, 500), (5000, 1000)])
    func limit(asked: Int, got: Int) {
        #expect(RelayQuery.Filter(limit: asked).limit == got)
    }

    @Test("what was given up is found by its state, whatever lies before and after it")
    func deadLetters() throws {
        var bench = try bench(0)
        for number in 0..<9 {
            let order = try #require(bench.submit(RelayBench.submission(number, key: "k\(number)")).orders.first)
            bench.answer(order, status: number % 4 == 0 ? 404 : 200)
        }
        let dead = bench.items(.deadLetters())
        #expect(dead.map(\.orderKey) == ["k8", "k4", "k0"])
        #expect(dead.allSatisfy { $0.state == .held && $0.lastStatus == 404 && $0.lastError == "answered 404" })
        #expect(bench.metrics.endpoints.map(\.heldCount) == [3])
        #expect(bench.metrics.deadCount == 3)
    }

    @Test("a replay is a new item with the old message; the old one stays as it was")
    func replay() throws {
        var bench = try bench(0)
        let first = try #require(bench.submit(RelayBench.submission(1)).orders.first)
        bench.answer(first)
        let before = bench.item(first.itemID)
        let step = bench.run([.query(.replay(first.itemID))])
        let order = try #require(step.orders.first)
        #expect(order.itemID != first.itemID && order.body == first.body && order.attempt == 1)
        #expect(order.field("webhook-id") == first.field("webhook-id"))
        #expect(order.field("X-EIG-Replay") == "true" && first.field("X-EIG-Replay") == nil)
        let sequences = [first, order].compactMap { $0.field("webhook-sequence").flatMap { Int($0) } }
        #expect(sequences.count == 2 && sequences[0] < sequences[1])
        #expect(bench.item(first.itemID) == before)
        #expect(bench.item(order.itemID)?.replayOf == first.itemID)
        bench.answer(order)
        #expect(bench.metrics.backlogCount == 0 && bench.metrics.replayedCount == 1)
    }

    @Test("a replay waits its turn behind what its key has open")
    func replayWaits() throws {
        var bench = try bench(0)
        let first = try #require(bench.submit(RelayBench.submission(1)).orders.first)
        bench.answer(first)
        _ = bench.submit(RelayBench.submission(2))
        #expect(bench.run([.query(.replay(first.itemID))]).orders.isEmpty)
        #expect(bench.states() == [.done, .leased, .waiting])
    }

    @Test("what is still on its way is neither replayed nor released")
    func notSettled() throws {
        var bench = try bench(0)
        let first = try #require(bench.submit(RelayBench.submission(1)).orders.first)
        guard case .refused = bench.ask(.replay(first.itemID)), case .refused = bench.ask(.release(first.itemID)) else {
            Issue.record("an item on its way was touched")
            return
        }
        let nobody = UniqueID(high: 9, low: 9)
        for query in [RelayQuery.show(nobody), .replay(nobody), .release(nobody), .resume(RelayBench.rpt)] {
            guard case .notFound = bench.ask(query) else {
                Issue.record("\(query) found something")
                return
            }
        }
        guard case .refused = bench.ask(.resume(RelayBench.payfast)) else {
            Issue.record("an endpoint that is not parked was resumed")
            return
        }
        #expect(bench.states() == [.leased])
    }

    @Test(
        "a parked endpoint is taken up by a resume, or by a replay of what is parked there",
        arguments: [false, true]
    )
    func resume(byReplay: Bool) throws {
        var bench = try bench(0)
        let first = try #require(bench.submit(RelayBench.submission(1)).orders.first)
        bench.answer(first, status: 410)
        #expect(bench.metrics.endpoints.map(\.state) == ["parked"])
        let query = byReplay ? RelayQuery.replay(first.itemID) : .resume(RelayBench.payfast)
        let orders = bench.run([.query(query)]).orders
        #expect(orders.map(\.itemID) == [first.itemID])
        #expect(orders.map(\.attempt) == [2])
        #expect(bench.metrics.endpoints.map(\.state) == ["closed"])
    }

    @Test("the parking of an endpoint outlives the process")
    func parkedAfterRestart() throws {
        let folder = try TemporaryFolder()
        do {
            var bench = try RelayBench(folder: folder)
            bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "1"))
            let first = try #require(bench.submit(RelayBench.submission(1)).orders.first)
            bench.answer(first, status: 410)
        }
        var bench = try RelayBench(folder: folder, seed: 2)
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "1"))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.parked])
    }

    @Test("one item shows its attempts, its body and its siblings, by either identifier")
    func show() throws {
        var bench = try bench(0)
        bench.configure(RelayEndpoint(destination: RelayBench.rpt, profile: .backend))
        let submitted = bench.submit(RelayBench.submission(1, to: [RelayBench.txn, RelayBench.rpt]))
        let id = try #require(submitted.outcome.acceptedID)
        let order = try #require(submitted.orders.first)
        bench.answer(order, status: 500)
        guard case .item(let first) = bench.ask(.show(id)), case .item(let second) = bench.ask(.show(order.itemID))
        else {
            Issue.record("not found")
            return
        }
        #expect(first.item.id == id && first.item.destination == "backend:txn" && first.attempts.isEmpty)
        #expect(first.siblings.map(\.id) == [order.itemID])
        #expect(second.attempts.map(\.error) == ["answered 500"] && second.attempts.map(\.number) == [1])
        #expect(second.body == order.body)
    }

    @Test("numbers along a key grow across restarts, though what they counted is gone")
    func sequence() throws {
        let folder = try TemporaryFolder()
        let endpoint = RelayEndpoint(destination: RelayBench.payfast, profile: .plain)
        var last = 0
        for round in 0..<3 {
            var bench = try RelayBench(folder: folder, seed: UInt64(round), adjust: { $0.doneRetention = .zero })
            bench.configure(endpoint)
            let order = try #require(bench.submit(RelayBench.submission(round)).orders.first)
            let sequence = try #require(order.field("webhook-sequence").flatMap { Int($0) })
            #expect(sequence > last)
            last = sequence
            bench.answer(order)
            _ = bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now))
            bench.advance(.seconds(61))
            _ = bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now))
            #expect(bench.items().isEmpty)
        }
    }

    @Test("a wait written by a clock that ran ahead is brought down at the start")
    func clamped() throws {
        let folder = try TemporaryFolder()
        let endpoint = RelayEndpoint(destination: RelayBench.payfast, profile: .plain)
        do {
            var bench = try RelayBench(folder: folder, now: RelayBench.startAt + .seconds(365 * 86_400))
            bench.configure(endpoint)
            let order = try #require(bench.submit(RelayBench.submission(1)).orders.first)
            bench.answer(order, status: 500)
        }
        var bench = try RelayBench(folder: folder, seed: 2)
        bench.configure(endpoint)
        #expect(bench.poll().isEmpty)
        bench.advance(.seconds(10 * 3600))
        #expect(bench.poll().count == 1)
    }
}
