// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TLS
import TestKit
import Testing

@Suite("Leases")
struct RelayLeaseTests {
    private func bench(inFlightMax: Int = 16) throws -> RelayBench {
        var bench = try RelayBench()
        bench.configure(
            RelayEndpoint(
                destination: RelayBench.payfast,
                profile: .plain,
                inFlightMax: inFlightMax,
                timeout: .seconds(10)
            )
        )
        return bench
    }

    @Test("run out after twice the deadline; the item goes again under another lease")
    func expiry() throws {
        var bench = try bench()
        let first = bench.submit(RelayBench.submission(1)).orders[0]
        #expect(first.deadline == .seconds(10))
        bench.advance(.milliseconds(19_999))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.leased])
        bench.advance(.milliseconds(1))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.ready])
        bench.advance(.seconds(1))
        let second = try #require(bench.poll().first)
        #expect(second.itemID == first.itemID && second.leaseID != first.leaseID && second.attempt == 2)
        #expect(bench.metrics.expiredLeaseCount == 1)
    }

    @Test("fence off a late result, whatever it says", arguments: [200, 404, 410, 500])
    func stale(status: Int) throws {
        var bench = try bench()
        let first = bench.submit(RelayBench.submission(1)).orders[0]
        _ = bench.submit(RelayBench.submission(2))
        bench.advance(.seconds(20))
        _ = bench.poll()
        bench.advance(.seconds(1))
        let second = try #require(bench.poll().first)
        // The zombie wakes: nothing moves, and above all no successor starts.
        #expect(bench.answer(first, status: status).isEmpty)
        #expect(bench.states() == [.leased, .waiting])
        #expect(bench.metrics.staleResultCount == 1)
        #expect(bench.answer(second).map(\.bodyText) == [#"{"n": 2}"#])
        // And once more, after the item is done.
        #expect(bench.answer(first, status: status).isEmpty)
        #expect(bench.answer(second, status: status).isEmpty)
        #expect(bench.states() == [.done, .leased])
        guard case .item(let detail) = bench.ask(.show(first.itemID)) else {
            Issue.record("the item is gone")
            return
        }
        #expect(detail.attempts.map(\.number) == [2, 1])
    }

    @Test("of a process that died are ready again, their attempt unspent")
    func recovered() throws {
        let folder = try TemporaryFolder()
        var leaseID: LeaseID?
        do {
            var bench = try RelayBench(folder: folder)
            bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
            leaseID = bench.submit(RelayBench.submission(1)).orders.first?.leaseID
            _ = bench.submit(RelayBench.submission(2))
        }
        var bench = try RelayBench(folder: folder, seed: 2)
        #expect(bench.metrics.recoveredLeaseCount == 1)
        #expect(bench.metrics.endpoints.map(\.backlogCount) == [2])
        #expect(bench.states() == [.ready, .waiting])
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
        // The configuring batch leased it already.
        #expect(bench.states() == [.leased, .waiting])
        #expect(bench.metrics.endpoints.map(\.inFlightCount) == [1])
        #expect(leaseID != nil)
    }

    @Test("are at most as many as an endpoint takes, and shared fairly between endpoints")
    func fair() throws {
        var bench = try RelayBench(adjust: { $0.inFlightMax = 12 })
        for number in 0..<100 { _ = bench.submit(RelayBench.submission(number, key: "a\(number)")) }
        for number in 100..<110 {
            _ = bench.submit(RelayBench.submission(number, key: "b\(number)", to: [RelayBench.txn]))
        }
        let step = bench.run([
            .endpoints([
                RelayEndpoint(destination: RelayBench.payfast, profile: .plain, inFlightMax: 16),
                RelayEndpoint(destination: RelayBench.txn, profile: .backend, inFlightMax: 3),
            ])
        ])
        #expect(step.orders.filter { $0.destination == RelayBench.txn }.count == 3)
        #expect(step.orders.filter { $0.destination == RelayBench.payfast }.count == 9)
        #expect(bench.poll().isEmpty)
        let next = bench.answer(step.orders[0])
        #expect(next.count == 1)
    }

    @Test("stop at an open breaker and start slowly behind it, while other endpoints go on")
    func breaker() throws {
        var bench = try bench()
        var orders: [DeliveryOrder] = []
        for number in 0..<40 { orders += bench.submit(RelayBench.submission(number, key: "k\(number)")).orders }
        #expect(orders.count == 16)
        var failedCount = 0
        while let order = orders.popLast() {
            orders += bench.answer(order, status: 503)
            failedCount += 1
        }
        // Four more had started before the fifth failure in a row opened it.
        #expect(failedCount == 20)
        #expect(bench.metrics.endpoints.map(\.state) == ["open"])
        let spent = bench.items().reduce(0) { $0 + $1.attempts }
        #expect(spent == failedCount)
        bench.advance(.milliseconds(400))
        #expect(bench.poll().isEmpty)
        bench.advance(.seconds(1))
        orders = bench.poll()
        #expect(orders.count == 1)
        var widths: [Int] = []
        while let order = orders.first, widths.count < 8 {
            orders.removeFirst()
            orders += bench.answer(order)
            widths.append(orders.count)
        }
        #expect(widths == [1, 2, 2, 4, 4, 4, 4, 8])
    }

    @Test("never go to an endpoint the configuration no longer names")
    func unnamed() throws {
        var bench = try bench()
        bench.configure()
        #expect(bench.submit(RelayBench.submission(1)).orders.isEmpty)
        bench.advance(.seconds(3600))
        #expect(bench.poll().isEmpty)
        #expect(bench.states() == [.ready])
    }

    @Test("are not given for a body that is not what was accepted")
    func corruptBody() throws {
        var bench = try bench()
        let good = RelayBench.submission(1, key: "A")
        var step = bench.run([.submit(good, hash: Digest.sha256(Array("other".utf8)))])
        #expect(step.orders.isEmpty)
        #expect(bench.states() == [.held])
        #expect(bench.metrics.corruptBodyCount == 1)
        step = bench.run([.submit(RelayBench.submission(2, key: "A"), hash: [])])
        #expect(step.orders.isEmpty)
        #expect(bench.states() == [.held, .waiting])
    }
}
