// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import HTTP
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// One thread, one event loop, and everything it owns: connections, timers, buffers, pools.
///
/// Nothing in it is shared, so nothing is locked; orders come in through its mailbox. It is built on
/// its thread and dropped there.
final class Worker {
    /// What other threads may ask of a worker.
    enum Order: Sendable {
        case reload(Snapshot)
        case deliver(DeliveryOrder)
        case stored(token: UInt64, exchange: UniqueID, SubmitOutcome)
        case resolved(host: String, Result<[IPAddress], ResolveFailure>)
        /// Accept no more, answer what is in flight, then end.
        case drain(until: MonotonicInstant)
    }

    static let doorbellToken = UInt64.max
    static let listenerTokens = UInt64.max - 64
    static let inputBufferBytesMax = 4 * Channel.readBytesMax
    static let resolvedAgeMax = Duration.seconds(30)
    /// Idle connections of a stopping program get this long to send what they were about to.
    static let drainGrace = Duration.seconds(1)
    /// Connections that wait for each other before their bytes are sent.
    static let unsettledCountMax = 16

    let index: Int
    let environment: WorkerEnvironment
    let counters: WorkerCounters
    private(set) var snapshot: Snapshot
    var now = Clock.monotonic()
    var wallNow = Clock.wall()
    /// `Date` and its value, made once a second.
    private(set) var dateLine: [UInt8] = []
    /// Wire bytes on their way in and out; empty between events.
    var wireIn = ByteBuffer(capacity: Channel.readBytesMax)
    var wireOut = ByteBuffer(capacity: 64 << 10)
    /// Blocks of what is on its way out, and empty between the turns of the loop as long as the peers take it.
    var buffers = ByteBufferPool(countMax: 16, blockBytesMax: 64 << 10)
    /// Where the head that is being read keeps its fields; lent.
    var fieldRoom = FieldRoom()
    /// What a connection reads into that holds nothing unread; lent.
    private var inputBuffer = ByteBuffer()

    var poller: Poller
    var wheel: TimerWheel
    var firings: [TimerWheel.Firing] = []
    var table = ConnectionTable()
    var pools: [UpstreamPool] = []
    /// Pools, of this configuration or of earlier ones, in which somebody waits for a name.
    private var awaitedPools: [UpstreamPool] = []
    var identities: [[UInt8]: ClientIdentity] = [:]
    var peerLines = PeerLinesCache(countMax: 1024)
    var resolvedHosts: [String: (addresses: [IPAddress], at: MonotonicInstant)] = [:]
    var limiter: AddressLimiter
    var refusalLines: UInt64 = 0
    var refusalBucket: RateBucket
    var random: UInt64
    var lines = LogLines()
    var paces: [AcceptPace]
    /// Those who have queued something in this turn.
    private var unsettled: [ServerConnection] = []
    /// Turns of the loop.
    var turnCount: UInt64 = 0
    var isAccepting = true
    var acceptsAgainAt = MonotonicInstant.distantFuture
    var drainsUntil: MonotonicInstant?
    var idleClosesAt = MonotonicInstant.distantFuture

    init(index: Int, environment: WorkerEnvironment, snapshot: Snapshot) throws(Errno) {
        self.index = index
        self.environment = environment
        counters = environment.counters[index]
        self.snapshot = snapshot
        poller = try Poller()
        wheel = TimerWheel(now: now)
        random = Random.uint64() | 1
        limiter = AddressLimiter(snapshot.gateway.limits)
        refusalBucket = RateBucket(snapshot.gateway.log)
        paces = environment.listeners.map { _ in AcceptPace() }
        pools = snapshot.targets.map { UpstreamPool(target: $0) }
        dateLine = HeadWriter.line("Date", Array(wallNow.imfFixdate.utf8))
        try poller.addInput(environment.inbox(index).doorbell.descriptor, token: Self.doorbellToken)
        try listen()
    }

    /// Runs until a drain ends.
    func run() {
        while !isDrained {
            let count = poller.wait(until: wakesAt, now: now)
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
            turn()
        }
        lines.handOver(to: environment.log)
    }

    /// What is done once a turn of the loop, after its events.
    func turn() {
        turnCount += 1
        wheel.advance(to: now, into: &firings)
        for firing in firings { table[firing.token]?.wheelFired(tick: firing.tick) }
        firings.removeAll(keepingCapacity: true)
        if !isAccepting, drainsUntil == nil, now >= acceptsAgainAt { try? listen() }
        if now >= idleClosesAt { closeIdle() }
        settleAll()
        lines.handOver(to: environment.log, now: now)
        counters.heartbeat.store(now.nanoseconds, ordering: .relaxed)
    }

    func readClocks() {
        now = Clock.monotonic()
        let wall = Clock.wall()
        if wall.seconds != wallNow.seconds { dateLine = HeadWriter.line("Date", Array(wall.imfFixdate.utf8)) }
        wallNow = wall
    }

    /// How long the loop may sleep.
    private var wakesAt: MonotonicInstant {
        let wakesAt = min(wheel.dueAt, lines.dueAt, MonotonicInstant(nanoseconds: now.nanoseconds + 1_000_000_000))
        if let drainsUntil { return min(wakesAt, now + .milliseconds(100), drainsUntil) }
        return isAccepting ? wakesAt : min(wakesAt, acceptsAgainAt)
    }

    // MARK: sending

    /// Sends what `connection` has queued, soon: together with what others have, at the end of the turn at the latest.
    ///
    /// What the kernel does for a send is long and always the same. Many in a row find it, and a receiver that is still
    /// awake, where the first has left them: a request costs 5 % less than with each send after its receive.
    func settle(_ connection: ServerConnection) {
        unsettled.append(connection)
        if unsettled.count == Self.unsettledCountMax { settleAll() }
    }

    private func settleAll() {
        var position = 0
        // Sending may let another go on, which is then sent here as well.
        while position < unsettled.count {
            unsettled[position].sendQueued()
            position += 1
        }
        unsettled.removeAll(keepingCapacity: true)
    }

    // MARK: connections

    func arm(_ token: UInt64, at instant: MonotonicInstant) -> UInt64 { wheel.arm(token, at: instant) }

    /// Takes a new connection into the table and the poller.
    func add(_ connection: Connection) throws(Errno) {
        connection.token = table.insert(connection)
        counters.connectionsLive.add(1, ordering: .relaxed)
        do throws(Errno) {
            try connection.channel.withDescriptor { descriptor throws(Errno) in
                try poller.addEdge(descriptor, token: connection.token)
            }
        } catch {
            connection.close()
            throw error
        }
    }

    func remove(_ connection: Connection) {
        counters.connectionsLive.subtract(1, ordering: .relaxed)
        table.remove(connection.token)
    }

    /// What one certificate is, worked out once.
    func identity(of certificate: PeerCertificate) -> ClientIdentity {
        if let known = identities[certificate.sha256], known.certificate == certificate { return known }
        if identities.count >= 4096 { identities.removeAll() }
        let identity = ClientIdentity(certificate: certificate)
        identities[certificate.sha256] = identity
        return identity
    }

    /// A connection is gone: what it still waited for finds nobody.
    func withdraw(_ owner: any UpstreamOwner) {
        for pool in awaitedPools { pool.withdraw(owner) }
        awaitedPools.removeAll { !$0.isAwaited }
    }

    // MARK: buffers

    /// Gives an empty `bytes` the buffer for input, unless it is lent already.
    func lendInputBuffer(_ bytes: inout ByteBuffer) { swap(&bytes, &inputBuffer) }

    /// Takes a buffer back, whatever is in it; one is kept.
    func takeBackInputBuffer(_ bytes: consuming ByteBuffer) {
        guard inputBuffer.capacity == 0, bytes.capacity <= Self.inputBufferBytesMax else { return }
        bytes.removeAll()
        inputBuffer = bytes
    }

    // MARK: upstreams

    /// The pool of a target; a target of an older snapshot gets one of its own that keeps nothing.
    func pool(of target: UpstreamTarget) -> UpstreamPool {
        if target.index < pools.count, pools[target.index].target === target { return pools[target.index] }
        let pool = UpstreamPool(target: target)
        pool.retire()
        return pool
    }

    func resolved(_ host: String) -> [IPAddress]? {
        guard let entry = resolvedHosts[host], now - entry.at < Self.resolvedAgeMax else { return nil }
        return entry.addresses
    }

    /// Asks for the addresses of a pool's host; the pool hears of the answer while it is awaited.
    func resolve(for pool: UpstreamPool) {
        if !awaitedPools.contains(where: { $0 === pool }) { awaitedPools.append(pool) }
        let host = pool.target.host
        let inbox = environment.inbox(index)
        let wasAsked = environment.resolver.ask(host) { host, result in _ = inbox.post(.resolved(host: host, result)) }
        if !wasAsked {
            resolved(host, .failure(ResolveFailure(host: host, reason: "too many names are being resolved")))
        }
    }

    func resolved(_ host: String, _ result: Result<[IPAddress], ResolveFailure>) {
        if case .success(let addresses) = result { resolvedHosts[host] = (addresses, now) }
        for pool in awaitedPools where pool.target.host == host { pool.resolved(result, on: self) }
        awaitedPools.removeAll { !$0.isAwaited }
    }

    // MARK: relay

    func submit(_ submission: Submission, for token: UInt64, _ exchange: UniqueID) -> Bool {
        let inbox = environment.inbox(index)
        return environment.relay.submit(submission) { outcome in
            _ = inbox.post(.stored(token: token, exchange: exchange, outcome))
        }
    }

    func settle(_ result: AttemptResult) { environment.relay.settle(result) }

    // MARK: orders

    func obey() {
        for order in environment.inbox(index).drain() {
            switch order {
            case .reload(let fresh): reload(fresh)
            case .deliver(let order): Delivery(order: order, worker: self).start()
            case .stored(let token, let exchange, let outcome):
                (table[token] as? ServerConnection)?.stored(outcome, id: exchange)
            case .resolved(let host, let result): resolved(host, result)
            case .drain(let instant): drain(until: instant)
            }
        }
    }

    func reload(_ fresh: Snapshot) {
        for pool in pools { pool.retire() }
        snapshot = fresh
        pools = fresh.targets.map { UpstreamPool(target: $0) }
        limiter = AddressLimiter(fresh.gateway.limits)
        refusalBucket = RateBucket(fresh.gateway.log)
        forEachServer { $0.reconsider() }
        counters.generation.store(fresh.generation, ordering: .releasing)
    }

    func drain(until instant: MonotonicInstant) {
        // What is queued on the sockets was accepted by the kernel in our name: it is answered, too.
        for position in environment.listeners.indices {
            // More than the longest queue has room for.
            _ = accept(listener: position, countMax: 8192)
        }
        stopListening(until: .distantFuture)
        drainsUntil = instant
        idleClosesAt = min(now + Self.drainGrace, instant)
        forEachServer { $0.drain(isIdleClosed: false) }
    }

    func closeIdle() {
        idleClosesAt = .distantFuture
        forEachServer { $0.drain(isIdleClosed: true) }
        if drainsUntil != nil { idleClosesAt = now + .milliseconds(200) }
    }

    var isDrained: Bool {
        guard let drainsUntil else { return false }
        return table.isEmptyOfServers || now >= drainsUntil
    }

    func forEachServer(_ body: (ServerConnection) -> Void) {
        for connection in table.connections { if let server = connection as? ServerConnection { body(server) } }
    }

    // MARK: small things

    /// An identifier for one request: time, and numbers that need not be secret (xorshift64*).
    func makeID() -> UniqueID {
        let first = nextRandom()
        return UniqueID(at: wallNow, random: (first, nextRandom()))
    }

    func nextRandom() -> UInt64 {
        random ^= random >> 12
        random ^= random << 25
        random ^= random >> 27
        return random &* 0x2545_f491_4f6c_dd1d
    }
}

extension AddressLimiter {
    /// Handshakes from one address, as the file has them.
    fileprivate init(_ limits: GatewayLimits) {
        self.init(
            bucket: RateBucket(perSecond: limits.handshakesPerSecond, burst: limits.handshakesBurst),
            seed: Random.uint64()
        )
    }
}

extension RateBucket {
    /// Lines about refusals, as the file has them.
    fileprivate init(_ log: LogRule) {
        self.init(perSecond: log.refusalsPerSecond, burst: log.refusalsPerSecond)
    }
}
