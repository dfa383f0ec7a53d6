// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// One thread's loop and everything it owns besides: the configuration it decides by, pools, lines for the log.
final class Worker: EventLoop {
    /// What other threads may ask of a worker.
    enum Order: Sendable {
        case reload(Snapshot)
        case deliver(DeliveryOrder)
        case stored(token: UInt64, exchange: UniqueID, SubmitOutcome)
        case resolved(host: String, Result<[IPAddress], ResolveFailure>)
        /// Accept no more, answer what is in flight, then end.
        case drain(until: MonotonicInstant)
    }

    static let resolvedAgeMax = Duration.seconds(30)
    /// Idle connections of a stopping program get this long to send what they were about to.
    static let drainGrace = Duration.seconds(1)
    /// Connections that wait for each other before their bytes are sent.
    static let unsettledCountMax = 16

    let index: Int
    let environment: WorkerEnvironment
    let counters: WorkerCounters
    private(set) var snapshot: Snapshot
    /// `Date` and its value, made once a second.
    private(set) var dateLine: [UInt8] = []
    private var dateSecond = Int64.min
    /// Where the head that is being read keeps its fields; lent.
    var fieldRoom = FieldRoom()
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
    /// Those who have queued something in this turn.
    private var unsettled: [ServerConnection] = []
    var drainsUntil: MonotonicInstant?
    var idleClosesAt = MonotonicInstant.distantFuture

    init(index: Int, environment: WorkerEnvironment, snapshot: Snapshot) throws(Errno) {
        self.index = index
        self.environment = environment
        counters = environment.counters[index]
        self.snapshot = snapshot
        random = Random.uint64() | 1
        limiter = AddressLimiter(snapshot.gateway.limits)
        refusalBucket = RateBucket(snapshot.gateway.log)
        pools = snapshot.targets.map { UpstreamPool(target: $0) }
        try super.init(listeners: environment.listeners, doorbell: environment.inbox(index).doorbell.descriptor)
        dateLine = HeadWriter.line("Date", Array(wallNow.imfFixdate.utf8))
        dateSecond = wallNow.seconds
    }

    /// Runs until a drain ends.
    func runUntilDrained() {
        run()
        lines.handOver(to: environment.log)
    }

    override var isFinished: Bool {
        guard let drainsUntil else { return false }
        return isEmptyOfAccepted || now >= drainsUntil
    }

    override func acceptReady(listener position: Int) {
        accept(listener: position) { open($0, listener: position) }
    }

    override func turned() {
        if now >= idleClosesAt { closeIdle() }
        settleAll()
        lines.handOver(to: environment.log, now: now)
        counters.heartbeat.store(now.nanoseconds, ordering: .relaxed)
        counters.connectionsLive.store(connectionCount, ordering: .relaxed)
        wakesAt = drainsUntil.map { min(lines.dueAt, now + .milliseconds(100), $0) } ?? lines.dueAt
    }

    override func clocksRead() {
        guard wallNow.seconds != dateSecond else { return }
        dateSecond = wallNow.seconds
        dateLine = HeadWriter.line("Date", Array(wallNow.imfFixdate.utf8))
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

    override func obey() {
        for order in environment.inbox(index).drain() {
            switch order {
            case .reload(let fresh): reload(fresh)
            case .deliver(let order): Delivery(order: order, worker: self).start()
            case .stored(let token, let exchange, let outcome):
                (self[token] as? ServerConnection)?.stored(outcome, id: exchange)
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
            accept(listener: position, countMax: 8192) { open($0, listener: position) }
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

    func forEachServer(_ body: (ServerConnection) -> Void) {
        forEachConnection { if let server = $0 as? ServerConnection { body(server) } }
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
