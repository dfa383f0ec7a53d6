// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import Foundation
import TLS
import TestKit
import Testing

/// Drives the engine, store and all, against endpoints and workers that fail at random, and restarts it.
///
/// Only the test moves the clock. A failure prints its seed; the seed replays the run.
@Suite("Relay, simulated")
struct RelaySimulationTests {
    static let destinations = [RelayBench.payfast, RelayBench.txn, RelayBench.rpt]
    static let keys = ["A", "B", "C"]

    struct World: ~Copyable {
        var folder: TemporaryFolder
        let policy: RelayEndpoint.DeadLetterPolicy
        var random: SeededGenerator
        var bench: RelayBench
        var outstanding: [DeliveryOrder] = []
        var answered: [DeliveryOrder] = []
        /// Items accepted, by message.
        var accepted: [UniqueID: Int] = [:]
        /// Numbers acknowledged for the first time, by destination and key.
        var acknowledged: [String: [Int]] = [:]
        var submitted = 0

        init(seed: UInt64) throws {
            let folder = try TemporaryFolder(isInMemory: true)
            let bench = try Self.open(folder, seed: seed, now: RelayBench.startAt)
            self.folder = folder
            self.bench = bench
            random = SeededGenerator(seed: seed)
            policy = seed % 2 == 0 ? .hold : .skip
            configure()
        }

        static func open(_ folder: TemporaryFolder, seed: UInt64, now: ScheduleInstant) throws -> RelayBench {
            try RelayBench(folder: folder, seed: seed, now: now) { settings in
                settings.retry = RetryPolicy(refusedAttemptsMax: 3, attemptsMin: 2)
                settings.inFlightMax = 6
            }
        }

        mutating func configure() {
            let endpoints = destinations.enumerated().map { index, destination in
                RelayEndpoint(
                    destination: destination,
                    profile: .plain,
                    inFlightMax: index + 1,
                    timeout: .seconds(10),
                    giveUpAfter: .seconds(600),
                    deadLetterPolicy: policy
                )
            }
            outstanding += bench.run([.endpoints(endpoints)]).orders
        }

        mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

        mutating func step() throws {
            switch pick(100) {
            case 0..<35: submit()
            case 35..<75: answer(status: [200, 200, 200, 200, 302, 404, 429, 500, 503][pick(9)])
            case 75..<78 where !outstanding.isEmpty: outstanding.remove(at: pick(outstanding.count))
            case 78..<81 where !answered.isEmpty:
                let order = answered[pick(answered.count)]
                outstanding += bench.answer(order, status: 200)
            case 81..<83 where !outstanding.isEmpty:
                let order = outstanding.remove(at: pick(outstanding.count))
                outstanding += bench.run([.giveBack(order.leaseID, itemID: order.itemID)]).orders
            case 83..<85: try restart()
            case 85..<88: operate()
            default:
                bench.advance(.milliseconds(Int64.random(in: 0...30_000, using: &random)))
                outstanding += bench.poll()
            }
        }

        mutating func submit() {
            submitted += 1
            let count = pick(Self.sets.count)
            let submission = RelayBench.submission(submitted, key: keys[pick(keys.count)], to: Self.sets[count])
            let (outcome, orders) = bench.submit(submission)
            outstanding += orders
            if let id = outcome.acceptedID { accepted[id] = Self.sets[count].count }
        }

        static let sets: [[Destination]] = [[destinations[0]], [destinations[1], destinations[2]], destinations]

        mutating func answer(status: Int) {
            guard !outstanding.isEmpty else { return }
            let order = outstanding.remove(at: pick(outstanding.count))
            let staleCount = bench.metrics.staleResultCount
            let item = bench.item(order.itemID)
            outstanding += bench.answer(order, status: status)
            answered.append(order)
            guard status == 200, bench.metrics.staleResultCount == staleCount, let item, item.replayOf == nil else {
                return
            }
            let number = Int(order.bodyText.filter(\.isNumber)) ?? 0
            acknowledged["\(item.destination) \(item.orderKey)", default: []].append(number)
        }

        /// An operator lets keys go on, or repeats what was given up.
        mutating func operate() {
            let held = bench.items(RelayQuery.Filter(states: [.held], limit: 1000))
            guard !held.isEmpty else { return }
            let id = held[pick(held.count)].id
            outstanding += bench.run([.query(pick(2) == 0 ? .release(id) : .replay(id))]).orders
        }

        /// The process dies; what is out stays out, and comes back as a zombie's result.
        ///
        /// The successor finds the files as they were at that moment, without a clean close.
        mutating func restart() throws {
            let image = try TemporaryFolder(isInMemory: true)
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.store + suffix) {
                try FileManager.default.copyItem(atPath: folder.store + suffix, toPath: image.store + suffix)
            }
            let seed = UInt64(pick(1_000_000))
            bench = try Self.open(image, seed: seed, now: bench.now)
            folder = image
            configure()
        }
    }

    @Test("loses nothing, overtakes nothing, and counts right", arguments: UInt64(1)...16)
    func simulated(seed: UInt64) throws {
        var world = try World(seed: seed)
        for step in 0..<400 {
            try world.step()
            if step % 50 == 0 { check(&world) }
        }
        // Everybody is well again: whatever is not given up arrives.
        for _ in 0..<5000 {
            while !world.outstanding.isEmpty { world.answer(status: 200) }
            world.outstanding += world.bench.poll()
            guard world.outstanding.isEmpty else { continue }
            let open = world.bench.items(RelayQuery.Filter(states: [.ready, .leased, .parked], limit: 1))
            if open.isEmpty { break }
            world.bench.advance(.seconds(60))
        }
        check(&world)
        let items = world.bench.allItems()
        let waitingBehindNobody = items.filter { $0.state == .waiting }.filter { item in
            !items.contains { $0.state == .held && $0.destination == item.destination && $0.orderKey == item.orderKey }
        }
        #expect(waitingBehindNobody.isEmpty)
        #expect(items.allSatisfy { [.done, .dead, .held, .waiting].contains($0.state) })
        for (id, count) in world.accepted {
            #expect(items.filter { $0.messageID == id && $0.replayOf == nil }.count == count)
        }
        #expect(items.allSatisfy { world.accepted[$0.messageID] != nil })
        for (key, numbers) in world.acknowledged { #expect(numbers == numbers.sorted(), "\(key)") }
        #expect(world.acknowledged.values.contains { $0.count > 3 })
    }

    /// One head for each key, one lease for each order, and memory that agrees with the store.
    private func check(_ world: inout World) {
        let items = world.bench.allItems()
        var heads: [String: Int] = [:]
        for item in items where item.state.isHead { heads["\(item.destination) \(item.orderKey)", default: 0] += 1 }
        #expect(heads.values.allSatisfy { $0 == 1 })
        for item in items where item.state == .waiting { #expect(heads["\(item.destination) \(item.orderKey)"] == 1) }
        for endpoint in world.bench.metrics.endpoints {
            let own = items.filter { $0.destination == endpoint.destination }
            #expect(endpoint.backlogCount == own.filter(\.state.isOpen).count)
            #expect(endpoint.heldCount == own.filter { $0.state == .held }.count)
            #expect(endpoint.inFlightCount == own.filter { $0.state == .leased }.count)
        }
    }
}

extension RelayBench {
    mutating func item(_ id: UniqueID) -> ItemSummary? {
        if case .item(let detail) = ask(.show(id)) { detail.item } else { nil }
    }

    /// Every item, page by page.
    mutating func allItems() -> [ItemSummary] {
        var found: [ItemSummary] = []
        var filter = RelayQuery.Filter(limit: 100)
        while case .items(let items, let before) = ask(.list(filter)) {
            found += items
            guard let before else { break }
            filter.before = before
        }
        return found
    }
}
