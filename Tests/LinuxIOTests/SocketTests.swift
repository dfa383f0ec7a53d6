// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
import LinuxIO
import TestKit
import Testing

@Suite("Sockets")
struct SocketTests {
    @Test("know both ends of a connection by one spelling", arguments: ["127.0.0.1", "127.0.0.2", "::1"])
    func ends(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let listener = try Held.listener(address)
        #expect(listener.isListening)
        let nobody = try listener.accept()
        #expect(nobody == nil)
        let endpoint = try listener.endpoint
        #expect(endpoint.address == address && endpoint.port > 0)
        let near = try Held.connected(to: endpoint)
        #expect(near.connectError == nil && !near.isListening)
        try listener.wait(for: .readable, timeout: .seconds(10))
        let accepted = try listener.accept()
        #expect(try accepted?.peer == near.endpoint)
        Sockets.tune(near.descriptor)
    }

    @Test("hand what they were tuned to on to every connection accepted from them", arguments: ["127.0.0.1", "::1"])
    func inherited(_ text: String) throws {
        let plain = try Held.listener(try #require(IPAddress(text)))
        let tuned = try Held.listener(try #require(IPAddress(text)))
        Sockets.tune(tuned.descriptor)
        #expect(try Self.options(ofOneAcceptedFrom: plain) != Self.tuned, "there is nothing to inherit")
        #expect(try Self.options(ofOneAcceptedFrom: tuned) == Self.tuned)
    }

    /// No delay, keep-alive and its three figures in seconds, and how long bytes may go unacknowledged, in milliseconds.
    private static let tuned: [CInt] = [1, 1, 30, 10, 3, 60_000]

    private static func options(ofOneAcceptedFrom listener: Held) throws -> [CInt] {
        let near = try Held.connected(to: try listener.endpoint)
        defer { near.descriptor.shutdownWrites() }
        try listener.wait(for: .readable, timeout: .seconds(10))
        guard let accepted = try Sockets.accept(listener.descriptor) else { throw Errno.timedOut }
        let number = accepted.takeDescriptor().release()
        defer { close(number) }
        let tcp = CInt(IPPROTO_TCP)
        let options = [
            (tcp, TCP_NODELAY), (SOL_SOCKET, SO_KEEPALIVE), (tcp, TCP_KEEPIDLE), (tcp, TCP_KEEPINTVL),
            (tcp, TCP_KEEPCNT), (tcp, TCP_USER_TIMEOUT),
        ]
        return options.map { level, option in
            var value: CInt = -1
            var byteCount = socklen_t(MemoryLayout<CInt>.size)
            return unsafe getsockopt(number, level, option, &value, &byteCount) == 0 ? value : -1
        }
    }

    @Test("come from the address they were told to", arguments: ["127.0.0.1", "127.0.0.3"])
    func source(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let listener = try Held.listener(try #require(IPAddress("127.0.0.1")))
        let near = try Sockets.connect(try listener.endpoint, from: address)
        try near.wait(for: .writable, timeout: .seconds(10))
        #expect(Sockets.connectError(near) == nil)
        #expect(Sockets.localEndpoint(near)?.address == address)
        let foreign: IPAddress = try #require(IPAddress("192.0.2.77"))
        #expect(throws: Errno.self) { _ = try Sockets.connect(try listener.endpoint, from: foreign) }
    }

    @Test("carry bytes both ways, and a half-close")
    func bytes() throws {
        let (near, far) = try Held.pair()
        #expect(try near.send(Array("ping".utf8)) == .sent(byteCount: 4))
        near.descriptor.shutdownWrites()
        #expect(try far.readAll() == Array("ping".utf8))
        #expect(try far.send(Array("pong".utf8)) == .sent(byteCount: 4))
        far.descriptor.shutdownWrites()
        #expect(try near.readAll() == Array("pong".utf8))
    }

    @Test("would block when the other side takes nothing more, and lose nothing")
    func full() throws {
        let (near, far) = try Held.pair()
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        var sentBytes = 0
        var isFull = false
        for _ in 0..<1000 where !isFull {
            switch try near.send(chunk) {
            case .sent(let byteCount): sentBytes += byteCount
            case .wouldBlock: isFull = true
            }
        }
        #expect(isFull)
        near.descriptor.shutdownWrites()
        #expect(try far.readAll().count == sentBytes)
    }

    @Test("say that nobody listens")
    func refused() throws {
        // The listener is let go of at once.
        let endpoint = try Held.listener().endpoint
        #expect(try Held.connected(to: endpoint).connectError == .connectionRefused)
    }

    @Test("say that an address is taken")
    func inUse() throws {
        let listener = try Held.listener()
        let endpoint = try listener.endpoint
        #expect(throws: Errno.addressInUse) { _ = Held(try Sockets.listen(endpoint)) }
        #expect(listener.isListening)
    }

    @Test("in the file system know who is at the other end")
    func unix() throws {
        let scratch = try TemporaryFolder()
        let path = scratch["socket"]
        #expect(throws: Errno.noEntry) { _ = Held(try UnixSockets.connect(path)) }
        let listener = Held(try UnixSockets.listen(path, mode: 0o600))
        #expect(UnixSockets.isSocket(path) && !UnixSockets.isSocket(scratch.path))
        #expect(try FileStore.status(path).mode == 0o600)
        #expect(throws: Errno.addressInUse) { _ = Held(try UnixSockets.listen(path, mode: 0o600)) }
        let near = Held(try UnixSockets.connect(path))
        guard let accepted = try UnixSockets.accept(listener.descriptor) else {
            Issue.record("nobody was accepted")
            return
        }
        let far = Held(accepted)
        let peer = try UnixSockets.peer(of: far.descriptor)
        #expect(peer.processID == Limits.processID && peer.userID == Limits.userID)
        #expect(try near.send([1]) == .sent(byteCount: 1))
        near.descriptor.shutdownWrites()
        #expect(try far.readAll() == [1])
    }
}

@Suite("The poller")
struct PollerTests {
    @Test("tells what became ready, by its token, once for each change")
    func edges() throws {
        let (near, far) = try Held.pair()
        let poll = try Poll()
        try poll.poller.addEdge(near.descriptor, token: 42)
        // A fresh connection can be written to.
        let first = poll.next(.seconds(10))
        #expect(first.map(\.token) == [42])
        #expect(first.first?.readiness.isWritable == true && first.first?.readiness.isReadable == false)
        #expect(poll.next() == [])

        _ = try far.send([1, 2])
        #expect(poll.next(.seconds(10)).first?.readiness.isReadable == true)
        #expect(poll.next() == [], "an edge is told once, read or not")
        _ = try far.send([3])
        #expect(poll.next(.seconds(10)).count == 1, "more bytes are another edge")

        far.descriptor.shutdownWrites()
        let last = poll.next(.seconds(10)).first?.readiness
        #expect(last?.isReadable == true && last?.isPeerClosing == true)
        poll.poller.remove(near.descriptor)
        near.descriptor.shutdownWrites()
        #expect(poll.next() == [])
    }

    /// A poller that lists its events.
    private final class Poll {
        struct Event: Hashable {
            let token: UInt64
            let readiness: Readiness
        }

        var poller: Poller

        init(eventCountMax: Int = 512) throws { poller = try Poller(eventCountMax: eventCountMax) }

        func next(_ timeout: Duration = .zero) -> [Event] {
            (0..<poller.wait(timeout: timeout)).map { position in
                let event = poller.event(position)
                return Event(token: event.token, readiness: event.readiness)
            }
        }
    }

    @Test("waits less than a millisecond when told to, and never less than that")
    func precise() throws {
        let poll = try Poll()
        Clock.sharpenTimers()
        let shortest = (0..<50).map { _ in
            let start = Clock.monotonic()
            #expect(poll.poller.waitPrecisely(timeout: .microseconds(300)) == 0)
            return Clock.monotonic() - start
        }.min()
        let waited = try #require(shortest)
        #expect(waited >= .microseconds(300) && waited < .milliseconds(1))
        let bell = try EventCounter()
        try poll.poller.addInput(bell.descriptor, token: 7)
        bell.ring()
        #expect(poll.poller.waitPrecisely(timeout: .seconds(10)) == 1 && poll.poller.event(0).token == 7)
    }

    @Test("goes on telling of a doorbell until it is silenced")
    func level() throws {
        let bell = try EventCounter()
        let poll = try Poll()
        try poll.poller.addInput(bell.descriptor, token: 7)
        #expect(poll.next() == [])
        bell.ring()
        bell.ring()
        for _ in 0..<3 {
            let events = poll.next()
            #expect(events.map(\.token) == [7])
            #expect(events.allSatisfy { $0.readiness.isReadable && !$0.readiness.isPeerClosing })
        }
        bell.silence()
        #expect(poll.next() == [])
        bell.silence()
    }

    @Test("gives no more events at once than it has room for, and none is lost")
    func many() throws {
        let poll = try Poll(eventCountMax: 2)
        let bells = try (0..<5).map { _ in try Bell() }
        for (index, bell) in bells.enumerated() {
            try poll.poller.addInput(bell.counter.descriptor, token: UInt64(index))
            bell.counter.ring()
        }
        var seen: [UInt64] = []
        for _ in 0..<3 {
            let events = poll.next()
            #expect(events.count <= 2)
            for event in events {
                seen.append(event.token)
                bells[Int(event.token)].counter.silence()
            }
        }
        #expect(seen.sorted() == [0, 1, 2, 3, 4])
    }

    private final class Bell {
        let counter: EventCounter
        init() throws { counter = try EventCounter() }
    }
}
