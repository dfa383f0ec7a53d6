// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO
internal import Synchronization

/// One thread's event loop and what all its connections share: the poller, their table, their timers, buffers.
///
/// Nothing in it is shared with other threads, so nothing is locked; what they ask comes in through a mailbox. It is
/// made on its thread and dropped there. A subclass says what a listening socket's connections are and what is asked.
open class EventLoop {
    static let doorbellToken = UInt64.max
    static let listenerTokens = UInt64.max - 64
    static let inputBufferBytesMax = 4 * Channel.readBytesMax

    package final let listeners: [Listener]
    package final internal(set) var now = Clock.monotonic()
    package final internal(set) var wallNow = Clock.wall()
    /// Wire bytes on their way in and out; empty between events.
    package final var wireIn = ByteBuffer(capacity: Channel.readBytesMax)
    package final var wireOut = ByteBuffer(capacity: 64 << 10)
    /// Blocks of what is on its way out, and empty between the turns of the loop as long as the peers take it.
    package final var buffers = ByteBufferPool(countMax: 16, blockBytesMax: 64 << 10)
    /// What a connection reads into that holds nothing unread; lent.
    private final var inputBuffer = ByteBuffer()

    private final var poller: Poller
    private final var wheel: TimerWheel
    private final var firings: [TimerWheel.Firing] = []
    private final var table = ConnectionTable()
    private final var paces: [AcceptPace]
    /// Connections that go on in the next turn, event or not.
    private final var eager: [UInt64] = []
    /// Turns of the loop.
    private final var turnCount: UInt64 = 0
    /// Whether new connections are taken.
    package final private(set) var isAccepting = false
    private final var acceptsAgainAt = MonotonicInstant.distantFuture
    /// The loop turns then at the latest, whatever happens; a subclass sets it in ``turned()``.
    package final var wakesAt = MonotonicInstant.distantFuture

    /// - Parameter doorbell: rung by who has put something into the mailbox.
    /// - Throws: `EMFILE`, `ENFILE`, `ENOMEM`.
    package init(listeners: [Listener], doorbell: borrowing OwnedDescriptor) throws(Errno) {
        self.listeners = listeners
        poller = try Poller()
        wheel = TimerWheel(now: now)
        paces = listeners.map { _ in AcceptPace() }
        try poller.addInput(doorbell, token: Self.doorbellToken)
        try listen()
    }

    // MARK: what a subclass does

    /// The doorbell was rung.
    open func obey() { fatalError("a loop that nobody can ask anything") }

    /// The listening socket at `position` is ready: take its connections with ``accept(listener:_:)``.
    open func acceptReady(listener position: Int) { fatalError("a loop that takes no connections") }

    /// The clocks were read anew.
    open func clocksRead() {}

    /// What is done once a turn, after the events and the timers.
    open func turned() {}

    /// Whether the loop ends.
    open var isFinished: Bool { false }

    // MARK: the loop

    /// Runs until ``isFinished``.
    package final func run() {
        while !isFinished {
            let count = poller.wait(until: sleepsUntil, now: now)
            readClocks()
            for position in 0..<count {
                let event = poller.event(position)
                if event.token == Self.doorbellToken {
                    obey()
                } else if event.token > Self.listenerTokens {
                    acceptReady(listener: Int(event.token - Self.listenerTokens) - 1)
                } else if let connection = table[event.token] {
                    connection.readinessChanged(event.readiness)
                }
            }
            goOn()
            turn()
        }
    }

    /// Lets a connection go on in the next turn: it has had its share of this one, and no event will come for what is
    /// left.
    package final func againSoon(_ connection: Connection) { eager.append(connection.token) }

    private final func goOn() {
        guard !eager.isEmpty else { return }
        let tokens = eager
        eager.removeAll(keepingCapacity: true)
        for token in tokens { table[token]?.readinessChanged() }
    }

    /// What is done once a turn of the loop, after its events.
    package final func turn() {
        turnCount += 1
        wheel.advance(to: now, into: &firings)
        for firing in firings { table[firing.token]?.wheelFired(tick: firing.tick) }
        firings.removeAll(keepingCapacity: true)
        if !isAccepting, now >= acceptsAgainAt { try? listen() }
        turned()
    }

    package final func readClocks() {
        now = Clock.monotonic()
        wallNow = Clock.wall()
        clocksRead()
    }

    /// How long the loop may sleep.
    private final var sleepsUntil: MonotonicInstant {
        if !eager.isEmpty { return now }
        let latest = min(wheel.dueAt, wakesAt, MonotonicInstant(nanoseconds: now.nanoseconds + 1_000_000_000))
        return isAccepting ? latest : min(latest, acceptsAgainAt)
    }

    // MARK: listening

    private final func listen() throws(Errno) {
        for (position, listener) in listeners.enumerated() {
            let token = Self.listenerTokens + 1 + UInt64(position)
            try poller.addInput(listener.descriptor, token: token, isShared: true)
        }
        isAccepting = true
        acceptsAgainAt = .distantFuture
    }

    /// Takes no connections until then; they wait in the kernel's queue.
    package final func stopListening(until instant: MonotonicInstant) {
        for listener in listeners { poller.remove(listener.descriptor) }
        isAccepting = false
        acceptsAgainAt = instant
    }

    /// Takes as many waiting connections as this turn allows.
    package final func accept(listener position: Int, _ open: (consuming AcceptedConnection) -> Void) {
        let countMax = paces[position].begin(turn: turnCount)
        let takenCount = accept(listener: position, countMax: countMax, open)
        paces[position].end(takenCount: takenCount, isEmpty: takenCount < countMax)
    }

    /// Takes waiting connections.
    ///
    /// - Returns: how many; fewer than `countMax` when no more wait, or there is no room for more now.
    @discardableResult
    package final func accept(
        listener position: Int,
        countMax: Int,
        _ open: (consuming AcceptedConnection) -> Void
    ) -> Int {
        let listener = listeners[position]
        for count in 0..<countMax {
            do throws(Errno) {
                guard let accepted = try Sockets.accept(listener.descriptor) else { return count }
                listener.accepted.add(1, ordering: .relaxed)
                open(accepted)
            } catch {
                // Out of descriptors or memory: let some connections end first.
                stopListening(until: now + .milliseconds(100))
                return count
            }
        }
        return countMax
    }

    // MARK: connections

    /// Connections of either kind.
    package final var connectionCount: Int { table.count }

    /// Whether nobody is connected to us any more; those we opened do not count.
    package final var isEmptyOfAccepted: Bool { table.isEmptyOfAccepted }

    /// Calls `body` for each connection that somebody opened to us; they may close meanwhile.
    package final func forEachConnection(_ body: (Connection) -> Void) {
        for connection in table.connections { body(connection) }
    }

    package final subscript(token: UInt64) -> Connection? { table[token] }

    /// Takes a new connection into the table and the poller.
    package final func add(_ connection: Connection) throws(Errno) {
        connection.token = table.insert(connection)
        do throws(Errno) {
            try connection.channel.withDescriptor { descriptor throws(Errno) in
                try poller.addEdge(descriptor, token: connection.token)
            }
        } catch {
            connection.close()
            throw error
        }
    }

    final func remove(_ connection: Connection) { table.remove(connection.token) }

    final func arm(_ token: UInt64, at instant: MonotonicInstant) -> UInt64 { wheel.arm(token, at: instant) }

    // MARK: buffers

    /// Gives an empty `bytes` the buffer for input, unless it is lent already.
    final func lendInputBuffer(_ bytes: inout ByteBuffer) { swap(&bytes, &inputBuffer) }

    /// Takes a buffer back, whatever is in it; one is kept.
    final func takeBackInputBuffer(_ bytes: consuming ByteBuffer) {
        guard inputBuffer.capacity == 0, bytes.capacity <= Self.inputBufferBytesMax else { return }
        bytes.removeAll()
        inputBuffer = bytes
    }
}
