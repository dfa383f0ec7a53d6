// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Partners
import Testing

@testable import Edge
@testable import Engine

@Suite("A connection's deadline")
struct DeadlineTests {
    /// A connection of a worker that does not run, and the socket of its peer.
    private final class Bench {
        private let surroundings: Surroundings
        let worker: Worker
        let server: ServerConnection
        let peer: OwnedDescriptor

        init() throws {
            surroundings = try Surroundings(try ConfigurationFolder())
            worker = try Worker(index: 0, environment: surroundings.environment, snapshot: surroundings.snapshot)
            peer = try Sockets.connect(surroundings.inside)
            let listener = surroundings.environment.listeners[1]
            try listener.descriptor.wait(for: .readable, timeout: .seconds(10))
            guard let accepted = try Sockets.accept(listener.descriptor) else { throw Errno.timedOut }
            server = ServerConnection(
                worker: worker,
                side: .inside,
                peer: accepted.peer,
                listenerIndex: 1,
                channel: Channel(accepted.takeDescriptor(), session: nil)
            )
            try worker.add(server)
            server.begin()
        }

        deinit {
            server.close()
            _ = try? surroundings.stop()
        }

        /// What the peer sends arrives at once on the loopback.
        func receive(_ text: String) throws {
            try peer.writeAll(Array(text.utf8).span)
            try server.channel.withDescriptor { try $0.wait(for: .readable, timeout: .seconds(10)) }
            server.readinessChanged(.readable)
        }

        /// From now.
        var left: Duration { server.deadline - worker.now }

        var timeouts: (head: Duration, idle: Duration) {
            (surroundings.snapshot.gateway.timeouts.head, surroundings.snapshot.gateway.timeouts.idle)
        }
    }

    @Test("runs for a head from its first byte, not from its last")
    func head() throws {
        let bench = try Bench()
        #expect(bench.left == bench.timeouts.head)
        let start = bench.worker.now
        try bench.receive("GET /v1/he")
        #expect(bench.server.deadline == start + bench.timeouts.head)
        bench.worker.now = start + .seconds(3)
        try bench.receive("alth HT")
        #expect(bench.server.deadline == start + bench.timeouts.head, "a trickle earns nothing")
    }

    @Test("runs for a body by what has arrived of it")
    func body() throws {
        let bench = try Bench()
        try bench.receive(
            "POST /v1/callbacks/payfast HTTP/1.1\r\nHost: inside\r\nIdempotency-Key: k\r\nContent-Length: 9000\r\n\r\n"
        )
        #expect(bench.server.isExchanging)
        #expect(bench.left == .seconds(5))
        try bench.receive(String(repeating: "x", count: 2048))
        // 1024 bytes a second are asked for.
        #expect(bench.left == .seconds(7))
    }

    @Test("lets a last answer leave for as long as its peer takes some of it")
    func lingering() throws {
        let bench = try Bench()
        bench.server.beginExchange()
        bench.server.machine.headRead(isPersistent: false, hasBody: false)
        bench.server.isBodyDone = true
        // More than the kernel buffers for a peer that reads nothing.
        bench.server.channel.outgoing.append([UInt8](repeating: 7, count: 32 << 20))
        bench.server.responseEnded()
        bench.server.sendQueued()
        #expect(bench.server.isLingering && bench.server.channel.queuedBytes > 0)
        #expect(bench.left == bench.timeouts.idle, "not the two seconds of a peer that has it all")

        bench.worker.now = bench.worker.now + .seconds(50)
        bench.server.sendQueued()
        #expect(bench.left == bench.timeouts.idle - .seconds(50), "nothing was taken")
        var taken = ByteBuffer()
        while case .received = try bench.peer.read(into: &taken, byteCountMax: 1 << 20) { taken.removeAll() }
        try bench.server.channel.withDescriptor { try $0.wait(for: .writable, timeout: .seconds(10)) }
        bench.server.becameWritable()
        #expect(bench.left == bench.timeouts.idle, "some was taken")

        var roundsLeft = 10_000
        while bench.server.channel.queuedBytes > 0, roundsLeft > 0 {
            roundsLeft -= 1
            while case .received = try bench.peer.read(into: &taken, byteCountMax: 1 << 20) { taken.removeAll() }
            try bench.server.channel.withDescriptor { try $0.wait(for: .writable, timeout: .seconds(10)) }
            bench.server.becameWritable()
        }
        #expect(bench.left == .seconds(2), "all of it has left")
        #expect(!bench.server.isClosed)
    }

    @Test("sends at the end of the turn what was queued in it, once")
    func settling() throws {
        let bench = try Bench()
        bench.server.beginExchange()
        bench.server.channel.outgoing.append([UInt8](repeating: 7, count: 100))
        bench.server.settle()
        bench.server.settle()
        #expect(bench.server.channel.queuedBytes == 100, "others may have something to send, too")
        bench.worker.turn()
        #expect(bench.server.channel.queuedBytes == 0)
        var taken = ByteBuffer()
        try bench.server.channel.withDescriptor { try $0.wait(for: .writable, timeout: .seconds(10)) }
        guard case .received(let count) = try bench.peer.read(into: &taken, byteCountMax: 1000) else {
            Issue.record("nothing was sent")
            return
        }
        #expect(count == 100)
    }
}

extension ServerConnection {
    /// Read in one go: the machine itself cannot be copied into an expectation.
    fileprivate var isLingering: Bool { machine.isLingering }
    fileprivate var isExchanging: Bool { machine.isExchanging }

    /// What the worker does in the turn in which epoll says so.
    fileprivate func becameWritable() {
        readinessChanged(.writable)
        sendQueued()
    }
}
