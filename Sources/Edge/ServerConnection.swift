// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// A connection that somebody opened to us: a partner over TLS, or a backend on the inside.
///
/// It reads requests one at a time, has them admitted, and answers each from an upstream, from the
/// relay or by itself. What may happen when is `ConnectionMachine`'s to say.
final class ServerConnection: Connection {
    enum Side: UInt8, Sendable {
        case partners
        case inside
    }

    let worker: Worker
    let side: Side
    let peer: IPEndpoint
    let listenerIndex: Int
    var machine = ConnectionMachine()
    /// Has room for fields while it is being read and admitted.
    var head = RequestHead.withoutRoom
    var exchange = Exchange()
    /// A callback's body, gathered whole.
    var body = ByteBuffer()
    /// A request on its way to an upstream connection that is still being found.
    var forward = ByteBuffer()
    var upstream: ClientConnection?
    /// Who the certificate was decided to be, and when that decision must be made again.
    var identity: ClientIdentity?
    var caller: Caller?
    var decidedGeneration = -1
    var decidedMinute: Int64 = 0
    var serverName: [UInt8]?
    /// The name the handshake was made for, if any, is one of ours; decided with the rest.
    var isServerNameOurs = false
    let lines: PeerLines

    var parser = RequestParser()
    var decoder = BodyDecoder(framing: .none, limitBytes: 0)
    var isBodyDone = true
    var hasHeadStarted = false
    var isGreeted: Bool
    var isCloseQueued = false
    var isHalfClosed = false
    var lingeredBytes = 0
    /// The deadline is for the peer to take more of its answer.
    var isStalling = false
    /// A head is not looked at because too much waits to be sent.
    var isHeldBack = false

    /// More than this queued towards the peer: the upstream is not read.
    static let queuedBytesMax = 256 << 10
    /// A refused request's body is read up to this much, to keep the connection.
    static let discardedBytesMax: UInt64 = 64 << 10
    /// How long and how much is read after the last answer, so that it is not lost to a reset.
    static let lingerTime = Timeout.seconds(2)
    static let lingeredBytesMax = 1 << 20
    /// Time a body may take whatever its rate.
    static let bodyGrace = Duration.seconds(5)

    /// In the worker's list of those whose bytes it will send.
    private var isUnsettled = false

    init(worker: Worker, side: Side, peer: IPEndpoint, listenerIndex: Int, channel: consuming Channel) {
        self.worker = worker
        self.side = side
        self.peer = peer
        lines = worker.peerLines.lines(of: PeerLines.Key(side: side, address: peer.address))
        self.listenerIndex = listenerIndex
        isGreeted = !channel.isTLS
        super.init(loop: worker, isAccepted: true, channel: channel)
    }

    /// Begins: the handshake's time runs from the accept.
    func begin() {
        let timeouts = worker.snapshot.timeouts
        setDeadline(after: isGreeted ? timeouts.head : timeouts.handshake)
        readinessChanged()
    }

    var isHandshaking: Bool { !isGreeted }
    var isIdle: Bool { isGreeted && !machine.isExchanging && !machine.isLingering }

    /// Does nothing while input is being used: whoever uses it goes on by itself.
    override func readinessChanged() {
        guard !isReading else { return }
        // A last answer goes out before more is read: whoever sends too much gets no further turn.
        if channel.hasUnsent || machine.isLingering { flush() }
        read()
        settle()
    }

    /// Uses what there is of input, and what the socket has.
    private func read() {
        guard !isClosed, hasInput || channel.isReadable else { return }
        var bytes = beginReading()
        // What was held back comes first: no event will announce it again.
        useInput(&bytes)
        while !isClosed, channel.isReadable, wantsInput {
            do {
                switch try channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut) {
                case .wouldBlock: break
                case .received:
                    if !isGreeted, channel.isEstablished { handshakeEnded(isInputEmpty: bytes.isEmpty) }
                    useInput(&bytes)
                case .ended:
                    useInput(&bytes)
                    inputEnded()
                }
            } catch {
                receiveFailed(error)
            }
        }
        endReading(bytes)
    }

    var wantsInput: Bool {
        if machine.isLingering || !isGreeted { return true }
        if channel.queuedBytes > Self.queuedBytesMax { return false }
        if !machine.isExchanging { return true }
        if isBodyDone { return false }
        guard case .upstream = exchange.sink else { return true }
        return upstream.map { !$0.isFull } ?? false
    }

    /// Has what this turn has queued sent, on both sides: at once while handshaking, where others wait a long time
    /// for their turn, else together with what others have queued (``Worker/settle(_:)``).
    func settle() {
        guard !isClosed, !isUnsettled else { return }
        guard isGreeted else { return sendQueued() }
        isUnsettled = true
        worker.settle(self)
    }

    /// Sends what is queued, on both sides, and goes on with what had to wait for that.
    func sendQueued() {
        isUnsettled = false
        while !isClosed {
            upstream?.flush()
            flush()
            guard channel.queuedBytes <= Self.queuedBytesMax, isHeldBack || (channel.isReadable && wantsInput) else {
                return
            }
            isHeldBack = false
            read()
        }
    }

    func flush() {
        let before = channel.queuedBytes
        // A lingering connection may have its end to say still.
        guard !isClosed, before > 0 || machine.isLingering else { return }
        do {
            try channel.flush(scratch: &worker.wireOut)
            if machine.isLingering, channel.outgoing.isEmpty, !isCloseQueued {
                isCloseQueued = true
                channel.queueClose()
                try channel.flush(scratch: &worker.wireOut)
            }
        } catch {
            return peerLost()
        }
        takeBackOutgoing()
        if isCloseQueued, !isHalfClosed, channel.queuedBytes == 0 {
            isHalfClosed = true
            channel.shutdownWrites()
            if channel.hasEnded { close() } else { setDeadline(after: Self.lingerTime) }
        }
        watchStall(before)
        guard before > Self.queuedBytesMax / 2, channel.queuedBytes <= Self.queuedBytesMax / 2 else { return }
        upstream?.resumeReading()
    }

    /// A peer that takes nothing of its answer for as long as it may be idle is gone.
    func watchStall(_ before: Int) {
        guard channel.queuedBytes > 0, machine.isLingering || (machine.isExchanging && isBodyDone) else { return }
        if channel.queuedBytes != before || !isStalling {
            isStalling = true
            setDeadline(after: worker.snapshot.timeouts.idle)
        }
    }

    // MARK: input

    private func useInput(_ input: inout ByteBuffer) {
        while !isClosed, !input.isEmpty {
            if machine.isLingering {
                lingeredBytes += input.count
                input.removeAll()
                if lingeredBytes > Self.lingeredBytesMax { close() }
                return
            }
            guard machine.isExchanging ? useBody(&input) : useHead(&input) else { return }
        }
    }

    /// - Returns: whether there may be more to do with the input.
    private func useHead(_ input: inout ByteBuffer) -> Bool {
        guard channel.queuedBytes <= Self.queuedBytesMax else {
            isHeldBack = true
            return false
        }
        head.take(&worker.fieldRoom)
        switch parser.parse(input.bytes, into: &head) {
        case .incomplete:
            guard !hasHeadStarted else { return false }
            hasHeadStarted = true
            setDeadline(after: worker.snapshot.timeouts.head)
            return false
        case .refused(let refusal):
            beginExchange()
            machine.closeAfterResponse()
            refuse(refusal)
            return true
        case .complete: break
        }
        beginExchange()
        machine.headRead(isPersistent: head.isPersistent, hasBody: !head.framing.isEmpty)
        exchange.method = head.method
        isBodyDone = head.framing.isEmpty
        decoder = BodyDecoder(framing: head.framing, limitBytes: Self.discardedBytesMax)
        setDeadline(.distantFuture)
        switch side {
        case .partners: admitPartner(input.bytes)
        case .inside: admitBackend(input.bytes)
        }
        guard !isClosed else { return false }
        input.consume(head.byteCount)
        head.giveBack(&worker.fieldRoom)
        // Already answered: what is left of the body, if anything, is read away.
        guard machine.isExchanging else { return true }
        if isBodyDone { requestEnded() } else { bodyBegins(isInputEmpty: input.isEmpty) }
        return true
    }

    func beginExchange() {
        exchange = Exchange(id: worker.makeID(), at: worker.now, of: caller?.record)
        isStalling = false
        worker.countRequest()
    }

    /// Announces how much body the admitted request may have.
    ///
    /// - Returns: false when its head already announces more.
    func limitBody(to limitBytes: Int) -> Bool {
        decoder = BodyDecoder(framing: head.framing, limitBytes: UInt64(limitBytes))
        return !head.framing.exceeds(UInt64(limitBytes))
    }

    private func bodyBegins(isInputEmpty: Bool) {
        exchange.bodyStartedAt = worker.now
        // What is there already may be all of it.
        guard isInputEmpty else { return }
        setBodyDeadline()
        guard head.expectsContinue, machine.isExchanging else { return }
        switch exchange.sink {
        // A refused body is not asked for: the final status has said so already (RFC 9110 §10.1.1).
        case .discard, .nothing: break
        case .upstream, .callback:
            lendOutgoing()
            HeadWriter.statusLine(100, into: &channel.outgoing)
            HeadWriter.end(into: &channel.outgoing)
        }
    }

    private func useBody(_ input: inout ByteBuffer) -> Bool {
        guard !isBodyDone else { return false }
        if case .upstream = exchange.sink, upstream == nil || upstream?.isFull == true {
            if deadline == .distantFuture { setBodyDeadline() }
            return false
        }
        let step: BodyStep
        do { step = try decoder.next(input.bytes) } catch {
            bodyRefused(error)
            return true
        }
        exchange.receivedBytes += step.payload.count
        passOn(step.payload, of: input.bytes)
        guard !isClosed else { return false }
        input.consume(step.consumed)
        if step.isComplete {
            requestEnded()
        } else {
            setBodyDeadline()
        }
        return step.consumed > 0
    }

    /// A run of the body goes where the exchange's body goes.
    private func passOn(_ run: Range<Int>, of bytes: Span<UInt8>) {
        guard !run.isEmpty else { return }
        switch exchange.sink {
        case .nothing, .discard: break
        case .upstream: sendUpstream(bytes.extracting(run))
        case .callback: body.append(bytes.extracting(run))
        }
    }

    func requestEnded() {
        isBodyDone = true
        setDeadline(.distantFuture)
        follow(machine.requestEnded())
        guard !isClosed, machine.isExchanging else { return }
        switch exchange.sink {
        case .nothing, .discard: break
        case .upstream: finishUpstreamRequest()
        case .callback(let intake): submit(intake)
        }
    }

    func setBodyDeadline() {
        let rate = worker.snapshot.gateway.timeouts.bodyBytesPerSecondMin
        let earned = Duration.milliseconds(exchange.receivedBytes * 1000 / max(1, rate))
        setDeadline((exchange.bodyStartedAt ?? worker.now) + Self.bodyGrace + earned)
    }

    func bodyRefused(_ refusal: Refusal) {
        isBodyDone = true
        dropUpstream()
        machine.closeAfterResponse()
        if exchange.isHeadWritten { return peerLost() }
        refuse(refusal)
    }

    override func deadlinePassed() { expire() }

    override func didClose() {
        leave()
        if case .upstream = exchange.sink, upstream == nil { worker.withdraw(self) }
        dropUpstream()
        caller?.record.runtime.connectionEnded()
        worker.serverClosed(self)
    }

    private func handshakeEnded(isInputEmpty: Bool) {
        isGreeted = true
        becomeIdle()
        identify()
        // A client that holds its request back until its Finished is acknowledged need not wait: what we send
        // acknowledges it, else a segment of its own.
        if isInputEmpty, channel.queuedBytes == 0 { channel.acknowledgeNow() }
    }
}
