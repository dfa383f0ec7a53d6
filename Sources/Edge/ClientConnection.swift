// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Synchronization
internal import TLS

/// A connection to an upstream target: one exchange at a time, kept between exchanges in a pool.
///
/// It knows whether any byte of the request has left, which is what decides whether a request may be
/// sent again elsewhere.
final class ClientConnection: Connection {
    private enum Phase {
        case connecting
        case handshaking
        /// In the pool.
        case idle
        case awaitingHead
        case readingBody
    }

    let worker: Worker
    let target: UpstreamTarget
    private let pool: UpstreamPool
    private var owner: (any UpstreamOwner)?
    private var phase: Phase
    private var parser = ResponseParser()
    private var head = ResponseHead()
    private var decoder = BodyDecoder(framing: .none, limitBytes: .max, side: .response)
    private var method = Method.get
    /// Wire bytes sent or past recall when this exchange began: more means that some of its request may have left.
    private var sentBefore = 0
    private var hasServed = false
    private var isReadingPaused = false
    /// The whole of the request has been queued.
    private var isRequestQueued = false
    /// The exchange ends then whatever happens; for deliveries.
    private var exchangeDeadline = MonotonicInstant.distantFuture

    /// More than this queued towards the target: its owner should stop feeding it.
    static let queuedBytesMax = 256 << 10

    init(worker: Worker, pool: UpstreamPool, channel: consuming Channel) {
        self.worker = worker
        self.pool = pool
        target = pool.target
        phase = .connecting
        super.init(loop: worker, isAccepted: false, channel: channel)
        target.counters.live.add(1, ordering: .relaxed)
    }

    /// Whether it came from the pool: its peer may have closed it unseen.
    var isReused: Bool { hasServed }
    /// Whether the peer, as far as is known, would take another request.
    var isUsable: Bool {
        @inline(never)
        get { !isClosed && !channel.hasEnded }
    }
    var isFull: Bool { channel.queuedBytes > Self.queuedBytesMax }

    /// Begins an exchange; the owner writes its request next.
    func lend(to owner: any UpstreamOwner, method: Method, deadline: MonotonicInstant = .distantFuture) {
        invariant(self.owner == nil, "a connection has one exchange at a time")
        self.owner = owner
        self.method = method
        exchangeDeadline = deadline
        sentBefore = channel.committedBytes
        isRequestQueued = false
        isReadingPaused = false
        parser = ResponseParser()
        let wasIdle = phase == .idle
        if wasIdle { phase = .awaitingHead }
        target.exchangeBegan(wasIdle: wasIdle)
        setPhaseDeadline()
    }

    /// Queues all of `request`, which is empty then; ``flush()`` sends it.
    func enqueue(_ request: inout ByteBuffer) {
        if channel.outgoing.isEmpty {
            swap(&request, &channel.outgoing)
        } else {
            channel.outgoing.append(request.bytes)
            request.removeAll()
        }
        worker.buffers.takeBack(&request)
    }

    /// Hands over what is queued and unsent, for another connection.
    func takeQueued() -> ByteBuffer {
        var queued = ByteBuffer()
        swap(&queued, &channel.outgoing)
        return queued
    }

    /// The last byte of the request is queued: the response's time starts.
    func requestEnded() {
        isRequestQueued = true
        setPhaseDeadline()
    }

    func pauseReading() { isReadingPaused = true }

    func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        readinessChanged()
    }

    /// Gives the exchange up: the owner is gone and nobody is told.
    func abandon() {
        owner = nil
        close()
    }

    func flush() {
        let before = channel.queuedBytes
        guard before > 0, !isClosed, phase != .connecting else { return }
        do {
            try channel.flush(scratch: &worker.wireOut)
        } catch {
            return fail(with: error)
        }
        takeBackOutgoing()
        if before > Self.queuedBytesMax / 2, channel.queuedBytes <= Self.queuedBytesMax / 2 { owner?.upstreamDrained() }
    }

    override func readinessChanged() {
        if phase == .connecting { return finishConnecting() }
        flush()
        // Whoever uses input now goes on by itself.
        guard !isClosed, !isReading else { return }
        var bytes = beginReading()
        read(&bytes)
        endReading(bytes)
        if !isClosed { owner?.upstreamPaused() }
    }

    /// Uses what there is of input, and what the socket has.
    private func read(_ bytes: inout ByteBuffer) {
        // What a pause has left unread comes first: no event will announce it again.
        useInput(&bytes)
        while !isClosed, channel.isReadable, !isReadingPaused {
            do {
                switch try channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut) {
                case .received: if phase == .handshaking { finishHandshake() }
                case .wouldBlock: break
                case .ended:
                    useInput(&bytes)
                    return inputEnded(hasMore: !bytes.isEmpty)
                }
            } catch {
                useInput(&bytes)
                return fail(with: error)
            }
            useInput(&bytes)
        }
    }

    private func finishConnecting() {
        guard channel.isWritable else { return }
        if let error = channel.withDescriptor({ Sockets.connectError($0) }) {
            return fail(.connect(error.description))
        }
        guard channel.isTLS else {
            phase = .awaitingHead
            setPhaseDeadline()
            return readinessChanged()
        }
        phase = .handshaking
        setPhaseDeadline()
        do { try channel.start() } catch { return fail(with: error) }
        readinessChanged()
    }

    private func finishHandshake() {
        guard channel.isEstablished else { return flush() }
        phase = .awaitingHead
        sentBefore = channel.committedBytes
        setPhaseDeadline()
        flush()
    }

    private func useInput(_ input: inout ByteBuffer) {
        while !isClosed, !isReadingPaused {
            switch phase {
            case .awaitingHead: if !useHead(&input) { return }
            case .readingBody: if !useBody(&input) { return }
            case .idle:
                // Bytes that nobody asked for: this connection is not to be trusted with a request.
                return input.isEmpty ? () : close()
            case .connecting, .handshaking: return
            }
        }
    }

    /// - Returns: whether there may be more to do with the input.
    private func useHead(_ input: inout ByteBuffer) -> Bool {
        guard !input.isEmpty else { return false }
        guard owner != nil else {
            close()
            return false
        }
        switch parser.parse(input.bytes, requestMethod: method, into: &head) {
        case .incomplete: return false
        case .refused(let refusal):
            fail(.malformed(refusal.reason))
            return false
        case .complete: break
        }
        guard !head.isInterim else {
            input.consume(head.byteCount)
            return true
        }
        decoder = BodyDecoder(framing: head.framing, limitBytes: .max, side: .response)
        phase = .readingBody
        setPhaseDeadline()
        owner?.upstreamAnswered(head, input.bytes)
        guard !isClosed else { return false }
        input.consume(head.byteCount)
        if decoder.isComplete {
            finish(hasMore: !input.isEmpty)
            return false
        }
        return true
    }

    private func useBody(_ input: inout ByteBuffer) -> Bool {
        guard !input.isEmpty else { return false }
        let step: BodyStep
        do { step = try decoder.next(input.bytes) } catch {
            fail(.malformed(error.reason))
            return false
        }
        if !step.payload.isEmpty { owner?.upstreamSent(input.bytes.extracting(step.payload)) }
        guard !isClosed else { return false }
        input.consume(step.consumed)
        setPhaseDeadline()
        if step.isComplete {
            finish(hasMore: !input.isEmpty)
            return false
        }
        return step.consumed > 0
    }

    private func inputEnded(hasMore: Bool) {
        guard !isClosed else { return }
        switch phase {
        case .readingBody:
            guard !channel.isCut else { return fail(.lost(wasSent: true)) }
            do { try decoder.endOfInput() } catch { return fail(.lost(wasSent: true)) }
            finish(hasMore: hasMore)
        case .idle: close()
        case .connecting, .handshaking: fail(.tls("the peer closed the connection during the handshake"))
        case .awaitingHead: fail(.lost(wasSent: hasSent))
        }
    }

    private var hasSent: Bool { channel.committedBytes > sentBefore && phase != .connecting && phase != .handshaking }

    /// The response is complete: back to the pool, or away.
    ///
    /// - Parameter hasMore: something came behind it that nobody asked for.
    private func finish(hasMore: Bool) {
        let owner = self.owner.take()
        hasServed = true
        let isReusable =
            head.isPersistent && isRequestQueued && channel.queuedBytes == 0 && !hasMore && !channel.hasEnded
        if isReusable, pool.isCurrent {
            phase = .idle
            target.connectionBecameIdle()
            exchangeDeadline = .distantFuture
            setPhaseDeadline()
            pool.putBack(self)
        } else {
            close()
        }
        owner?.upstreamEnded()
    }

    private func fail(with error: ChannelFailure) {
        switch error {
        case .tls(let failure):
            let why = failure.verifyError ?? failure.reasons.joined(separator: "; ")
            if phase == .handshaking { return fail(.tls(why)) }
            // TLS 1.3: a server refuses our certificate after our side of the handshake is over.
            let isRefusal = !hasServed && phase == .awaitingHead && failure.isCertificateAlert
            fail(isRefusal ? .tls(why) : .lost(wasSent: hasSent))
        case .socket:
            if phase == .connecting || phase == .handshaking { return fail(.connect("connection reset")) }
            fail(.lost(wasSent: hasSent))
        }
    }

    private func fail(_ failure: UpstreamFailure) {
        guard !isClosed else { return }
        let owner = self.owner.take()
        if owner != nil { target.counters.countFailure(failure, at: worker.wallNow) }
        // The owner may want what was never sent, so it is told before the channel goes.
        owner?.upstreamFailed(failure)
        close()
    }

    override func deadlinePassed() {
        switch phase {
        case .idle: close()
        case .connecting: fail(.connect("no answer to the connection attempt"))
        case .handshaking: fail(.tls("the handshake took too long"))
        case .awaitingHead, .readingBody: fail(.timeout(wasSent: hasSent))
        }
    }

    private func setPhaseDeadline() {
        let timeout: Timeout =
            switch phase {
            case .connecting, .handshaking: target.limits.connect
            case .idle: target.limits.idle
            case .awaitingHead: isRequestQueued ? target.limits.response : .seconds(600)
            case .readingBody: target.limits.response
            }
        setDeadline(min(worker.now + timeout, exchangeDeadline))
    }

    override func didClose() {
        if phase == .idle { target.counters.idle.subtract(1, ordering: .relaxed) }
        target.counters.live.subtract(1, ordering: .relaxed)
        pool.forget(self)
        owner = nil
    }
}

extension TLSFailure {
    /// The peer refused who we are: it has not looked at a request (RFC 8446 §6.2).
    fileprivate var isCertificateAlert: Bool {
        reasons.contains { reason in
            reason.contains("alert")
                && ["certificate", "unknown ca", "access denied", "handshake failure"].contains { reason.contains($0) }
        }
    }
}
