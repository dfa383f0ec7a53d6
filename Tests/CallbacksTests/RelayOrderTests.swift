// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Testing

@Suite("Order along a key")
struct RelayOrderTests {
    @Test("the second item starts when the first is acknowledged, in the same commit")
    func successor() throws {
        var bench = try RelayBench()
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
        let first = bench.submit(RelayBench.submission(1))
        #expect(first.orders.map(\.bodyText) == [#"{"n": 1}"#])
        #expect(bench.submit(RelayBench.submission(2)).orders.isEmpty)
        #expect(bench.states() == [.leased, .waiting])
        let commitCount = bench.metrics.commitCount
        let next = bench.answer(first.orders[0])
        #expect(next.map(\.bodyText) == [#"{"n": 2}"#])
        #expect(bench.metrics.commitCount == commitCount + 1)
        #expect(bench.states() == [.done, .leased])
    }

    @Test("a failing head keeps its own key back, and no other")
    func headOfLine() throws {
        var bench = try RelayBench()
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
        let first = bench.submit(RelayBench.submission(1, key: "A"))
        _ = bench.submit(RelayBench.submission(2, key: "A"))
        bench.answer(first.orders[0], status: 500)
        #expect(bench.submit(RelayBench.submission(3, key: "B")).orders.map(\.bodyText) == [#"{"n": 3}"#])
        #expect(bench.states() == [.ready, .waiting, .leased])
        bench.advance(.seconds(1))
        #expect(bench.poll().map(\.bodyText) == [#"{"n": 1}"#])
    }

    @Test("one body goes to every destination, each at its own pace")
    func fanOut() throws {
        var bench = try RelayBench()
        bench.configure(
            RelayEndpoint(destination: RelayBench.txn, profile: .backend),
            RelayEndpoint(destination: RelayBench.rpt, profile: .backend)
        )
        let orders = bench.submit(RelayBench.submission(1, to: [RelayBench.txn, RelayBench.rpt])).orders
        #expect(Set(orders.map(\.destination)) == [RelayBench.txn, RelayBench.rpt])
        #expect(Set(orders.compactMap { $0.field("webhook-id") }).count == 1)
        for order in orders where order.destination == RelayBench.txn { bench.answer(order) }
        #expect(
            bench.submit(RelayBench.submission(2, to: [RelayBench.txn, RelayBench.rpt])).orders.map(\.destination)
                == [RelayBench.txn]
        )
    }

    @Test("a parked head keeps its successors back until its endpoint is taken up again")
    func parked() throws {
        var bench = try RelayBench()
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "1"))
        let first = bench.submit(RelayBench.submission(1))
        bench.answer(first.orders[0], status: 410)
        #expect(bench.submit(RelayBench.submission(2)).orders.isEmpty)
        #expect(bench.submit(RelayBench.submission(3, key: "other")).orders.isEmpty)
        bench.advance(.seconds(100 * 3600))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.parked, .waiting, .ready])
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "1"))
        #expect(bench.poll().isEmpty)
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, revision: "2"))
        #expect(bench.states() == [.leased, .waiting, .leased])
    }

    @Test("a dead head holds its key until it is released or replayed", arguments: [false, true])
    func held(isReplayed: Bool) throws {
        var bench = try RelayBench(adjust: { $0.retry = RetryPolicy(refusedAttemptsMax: 1) })
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
        let first = bench.submit(RelayBench.submission(1))
        let id = try #require(first.outcome.acceptedID)
        #expect(bench.answer(first.orders[0], status: 404).isEmpty)
        #expect(bench.submit(RelayBench.submission(2)).orders.isEmpty)
        bench.advance(.seconds(100 * 3600))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.held, .waiting])
        if isReplayed {
            let step = bench.run([.query(.replay(id))])
            #expect(step.orders.map(\.bodyText) == [#"{"n": 1}"#])
            #expect(step.orders[0].field("webhook-sequence") == first.orders[0].field("webhook-sequence"))
            #expect(bench.states() == [.dead, .waiting, .leased])
            #expect(bench.answer(step.orders[0]).map(\.bodyText) == [#"{"n": 2}"#])
        } else {
            #expect(bench.run([.query(.release(id))]).orders.map(\.bodyText) == [#"{"n": 2}"#])
            #expect(bench.states() == [.dead, .leased])
        }
    }

    @Test("an endpoint whose policy is to skip goes on behind its dead letter")
    func skipped() throws {
        var bench = try RelayBench(adjust: { $0.retry = RetryPolicy(refusedAttemptsMax: 1) })
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain, deadLetterPolicy: .skip))
        let first = bench.submit(RelayBench.submission(1))
        _ = bench.submit(RelayBench.submission(2))
        #expect(bench.answer(first.orders[0], status: 404).map(\.bodyText) == [#"{"n": 2}"#])
        #expect(bench.states() == [.dead, .leased])
    }
}
