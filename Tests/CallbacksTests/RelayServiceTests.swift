// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import LinuxIO
import Synchronization
import TestKit
import Testing

@Suite("Relay service")
struct RelayServiceTests {
    /// Collects replies of other threads; `next` waits for one.
    final class Collected<Value: Sendable>: Sendable {
        private let box: Mailbox<Value>
        private let waiting = Mutex<[Value]>([])

        init() throws { box = try Mailbox(countMax: 100_000) }

        func put(_ value: Value) { _ = box.post(value) }

        func next() -> Value {
            while true {
                if let value = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return value }
                let more = box.drain(timeout: nil)
                waiting.withLock { $0 += more }
            }
        }
    }

    @Test("carries a callback from submission to acknowledgement, and shows it")
    func carries() throws {
        let folder = try TemporaryFolder()
        let orders = try Collected<DeliveryOrder>()
        let outcomes = try Collected<SubmitOutcome>()
        let service = try RelayService(settings: RelayBench.settings(folder)) { order in
            orders.put(order)
            return true
        }
        #expect(service.updateEndpoints([RelayEndpoint(destination: RelayBench.payfast, profile: .terrapay)]))
        #expect(service.submit(RelayBench.submission(1)) { outcomes.put($0) })
        let id = try #require(outcomes.next().acceptedID)
        let order = orders.next()
        let body = Array(#"{"acknowledged":"true"}"#.utf8)
        service.settle(RelayBench.result(order, .answered(status: 200, retryAfter: nil, body: body)))
        guard case .item(let detail) = service.ask(.show(id)) else {
            Issue.record("the item is not there")
            return
        }
        #expect(detail.item.state == .done)
        #expect(detail.attempts.map(\.status) == [200])
        #expect(detail.body == order.body)
        service.stop()
        #expect(!service.submit(RelayBench.submission(2)) { outcomes.put($0) })
    }

    @Test("turns at least once a second while it lives, and not once it has stopped")
    func turns() throws {
        let folder = try TemporaryFolder()
        let service = try RelayService(settings: RelayBench.settings(folder)) { _ in false }
        Clock.sleep(.milliseconds(2500))
        #expect(service.hasTurned(within: .milliseconds(2200)))
        service.stop()
        Clock.sleep(.milliseconds(50))
        #expect(!service.hasTurned(within: .milliseconds(40)))
    }

    @Test("stores 64 equal submissions made at once as one row, and answers each")
    func equalSubmissions() throws {
        let folder = try TemporaryFolder()
        let outcomes = try Collected<SubmitOutcome>()
        let service = try RelayService(settings: RelayBench.settings(folder)) { _ in false }
        for _ in 0..<64 {
            let thread = try OwnedThread(name: "submitter") {
                _ = service.submit(RelayBench.submission(1)) { outcomes.put($0) }
            }
            _ = thread
        }
        let all = (0..<64).map { _ in outcomes.next() }
        let accepted = all.compactMap(\.acceptedID)
        let id = try #require(accepted.first)
        #expect(accepted.count == 1)
        #expect(all.filter { $0 == .duplicate(id) }.count == 63)
        guard case .items(let items, _) = service.ask(.list(RelayQuery.Filter())) else {
            Issue.record("no list")
            return
        }
        #expect(items.count == 1)
        service.stop()
    }

    @Test("gives an order no worker took to the next one that has room, and spends no attempt")
    func refusedOrder() throws {
        let folder = try TemporaryFolder()
        let orders = try Collected<DeliveryOrder>()
        let isFirst = Atomic(true)
        let service = try RelayService(settings: RelayBench.settings(folder)) { order in
            if isFirst.exchange(false, ordering: .sequentiallyConsistent) { return false }
            orders.put(order)
            return true
        }
        service.updateEndpoints([RelayEndpoint(destination: RelayBench.payfast, profile: .plain)])
        #expect(service.submit(RelayBench.submission(1)) { _ in })
        #expect(orders.next().attempt == 1)
        service.stop()
    }

    @Test("refuses to open a store another one holds")
    func secondOpener() throws {
        let folder = try TemporaryFolder()
        let settings = RelayBench.settings(folder)
        let service = try RelayService(settings: settings) { _ in true }
        #expect(throws: RelayStartError.alreadyOpen(path: folder.store)) {
            _ = try RelayService(settings: settings) { _ in true }
        }
        service.stop()
        let successor = try RelayService(settings: settings) { _ in true }
        successor.stop()
    }
}
