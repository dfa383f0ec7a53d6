// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Glibc
import LinuxIO
import TestKit
import Testing

@Suite("Room on the disk")
struct RelayDiskTests {
    static let isRoot = geteuid() == 0
    static let waits = SubmitOutcome.overloaded(retryAfter: .seconds(30))

    /// What the engine is told of the volume.
    final class Gauge {
        var bytes: Int64 = 10_000_000
    }

    /// A second later, with time for upkeep.
    private func looked(_ bench: inout RelayBench) {
        bench.advance(.seconds(1))
        #expect(bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now)) == nil)
    }

    @Test("below the watermark submissions wait, and deliveries go on")
    func watermark() throws {
        let free = Gauge()
        var bench = try RelayBench(adjust: { $0.freeBytesMin = 2_000_000 }, freeBytes: { free.bytes })
        bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
        let first = bench.submit(RelayBench.submission(1)).orders[0]
        let second = bench.submit(RelayBench.submission(2))
        #expect(second.outcome.acceptedID != nil)
        free.bytes = 1_999_999
        looked(&bench)
        #expect(bench.metrics.room == .scarce)
        #expect(bench.submit(RelayBench.submission(3)).outcome == Self.waits)
        #expect(bench.answer(first).map(\.bodyText) == [#"{"n": 2}"#])
        free.bytes = 2_000_000
        looked(&bench)
        #expect(bench.submit(RelayBench.submission(3)).outcome.acceptedID != nil)
    }

    @Test("beyond the store's own bound submissions wait")
    func bound() throws {
        var bench = try RelayBench(adjust: { $0.storeBytesMax = 1 })
        looked(&bench)
        #expect(bench.submit(RelayBench.submission(1)).outcome == Self.waits)
    }

    @Test(
        "a full volume refuses submissions, records every delivery, and drains when it has room again",
        .enabled(if: isRoot, "mounting a volume of 6 MB takes root")
    )
    func full() throws {
        let volume = try TemporaryFolder(megabytes: 6)
        let adjust = { (settings: inout RelaySettings) in
            settings.ballastBytes = 1 << 20
            settings.checkpointBytes = 256 << 10
        }
        var bench = try RelayBench(folder: volume, adjust: adjust, freeBytes: nil)
        let body = String(repeating: "x", count: 8000)
        var accepted: [UniqueID] = []
        var number = 0
        var outcome = SubmitOutcome.failed("none yet")
        repeat {
            number += 1
            outcome =
                bench.submit(RelayBench.submission(number, key: "k\(number % 50)", body: "\(number)\(body)")).outcome
            if let id = outcome.acceptedID { accepted.append(id) }
            #expect(bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now)) == nil)
        } while outcome.acceptedID != nil && number < 5000
        #expect(outcome == Self.waits)
        #expect(bench.metrics.room == .full)
        #expect(accepted.count > 50)

        // Deliveries and their acknowledgements go on, and survive.
        var delivered: Set<UniqueID> = []
        let endpoint = RelayEndpoint(destination: RelayBench.payfast, profile: .plain)
        var orders = bench.run([.endpoints([endpoint])]).orders
        for _ in 0..<10_000 where delivered.count < accepted.count {
            if orders.isEmpty { orders = bench.poll() }
            guard let order = orders.popLast() else { break }
            orders += bench.answer(order)
            delivered.insert(order.itemID)
            #expect(bench.engine.maintain(isIdle: false, at: RelayBench.time(bench.now)) == nil)
        }
        #expect(delivered == Set(accepted))
        #expect(bench.submit(RelayBench.submission(9001)).outcome == Self.waits)
        #expect(Set(bench.items().map(\.state)) == [.done])

        // What is old goes, and with the room submissions are taken again.
        bench.advance(bench.settings.doneRetention)
        for _ in 0..<20 { looked(&bench) }
        #expect(bench.items().isEmpty)
        #expect(bench.metrics.room == .enough)
        #expect(bench.submit(RelayBench.submission(9001)).outcome.acceptedID != nil)
    }
}
