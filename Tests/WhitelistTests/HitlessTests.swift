// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Netfilter
import Synchronization
import Testing
import Whitelist

@Suite("A change under load", .enabled(if: Host.isPossible, Host.why))
struct HitlessTests {
    /// Bytes going one way, a packet every 50 microseconds at most, and what came of them.
    final class Stream: Sendable {
        let isStopping = Atomic<Bool>(false)
        let sentBytes = Atomic<Int>(0)
        let receivedBytes = Atomic<Int>(0)
        let failure = Mutex<Errno?>(nil)
        private let sender: Line
        private let receiver: Line
        private let threads = Mutex<[Errno]>([])

        init(from sender: Line, to receiver: Line) {
            self.sender = sender
            self.receiver = receiver
        }

        private func note(_ error: Errno) { failure.withLock { $0 = $0 ?? error } }

        func send() {
            let block = [UInt8](repeating: 7, count: 1400)
            do throws(Errno) {
                while !isStopping.load(ordering: .relaxed) {
                    try sender.descriptor.writeAll(block.span)
                    sentBytes.add(block.count, ordering: .relaxed)
                    Clock.sleep(.microseconds(50))
                }
                sender.descriptor.shutdownWrites()
            } catch {
                note(error)
            }
        }

        func receive() {
            var buffer = ByteBuffer()
            do throws(Errno) {
                while true {
                    try receiver.descriptor.wait(for: .readable, timeout: .seconds(10))
                    guard case .received(let count) = try receiver.descriptor.read(into: &buffer, byteCountMax: 1 << 16)
                    else { return }
                    receivedBytes.add(count, ordering: .relaxed)
                    buffer.removeAll()
                }
            } catch {
                note(error)
            }
        }
    }

    @Test("of other entries, a thousand times, loses no packet")
    func thousand() throws {
        let world = try EdgeWorld()
        let steady = ["10.1.0.2", "fd01::2"]
        let other = try EdgeWorld.partner("mobicash", ["10.2.0.0/24"])
        let policies = [
            EdgeWorld.policy([try EdgeWorld.partner("payfast", steady), other]),
            EdgeWorld.policy([
                try EdgeWorld.partner("payfast", steady + ["10.1.0.3", "10.1.0.0/31", "fd01::3"]),
                try EdgeWorld.partner("mobicash", ["10.2.0.128/25", "fd02::/64"]),
            ]),
        ]
        try world.apply(policies[0])
        let listeners = [
            try Line.listen(on: world.edge, "0.0.0.0:8443"), try Line.listen(on: world.edge, "[::]:8443"),
        ]
        var streams: [Stream] = []
        for (endpoint, listener) in zip(["10.1.0.1:8443", "[fd01::1]:8443"], listeners) {
            let line = try Line.open(from: world.payfast, to: endpoint).get()
            streams.append(Stream(from: line, to: try #require(try listener.accept())))
        }
        let running = streams
        let senders = try OwnedThread(name: "load-0") { @Sendable in running[0].send() }
        let moreSenders = try OwnedThread(name: "load-1") { @Sendable in running[1].send() }
        let receivers = try OwnedThread(name: "load-2") { @Sendable in running[0].receive() }
        let moreReceivers = try OwnedThread(name: "load-3") { @Sendable in running[1].receive() }

        // A hundred whole applies, and after each ten bare transactions of the same changes to and fro.
        var changeCount = 0
        for number in 1...100 {
            let report = try world.apply(policies[number % 2])
            #expect(report.structural.isEmpty && report.flowsCut.isEmpty)
            #expect(report.added.count + report.removed.count == 6)
            changeCount += 1
            for step in 1...10 {
                let isBack = step % 2 == 1
                let gone = isBack ? report.added : report.removed
                let come = isBack ? report.removed : report.added
                let changes =
                    gone.map { Change.remove($0.element, set: $0.set.set($0.element.family), table: "eig") }
                    + come.map { .add($0.element, comment: "", set: $0.set.set($0.element.family), table: "eig") }
                try world.withEnforcer { enforcer throws(EnforceFailure) in
                    do throws(NetfilterFailure) {
                        try enforcer.filter.commit(changes, generation: nil)
                    } catch {
                        throw .kernel(error)
                    }
                }
                changeCount += 1
            }
        }
        for stream in streams { stream.isStopping.store(true, ordering: .relaxed) }
        senders.join()
        moreSenders.join()
        receivers.join()
        moreReceivers.join()

        #expect(changeCount == 1100)
        for stream in streams {
            #expect(stream.failure.withLock { $0 } == nil)
            #expect(stream.sentBytes.load(ordering: .relaxed) > 1 << 20, "there was a load")
            #expect(stream.receivedBytes.load(ordering: .relaxed) == stream.sentBytes.load(ordering: .relaxed))
        }
        for reason in [EdgeTable.Drop.strangers, .cut, .invalid, .egress] {
            #expect(try world.drops(reason).packets == 0, "\(reason)")
        }
    }
}
