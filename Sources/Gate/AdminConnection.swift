// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// A connection that an administrator's client opened: from its first byte to the end of its session.
final class AdminConnection: RelayEnd {
    enum Phase {
        /// TLS or PostgreSQL's request for it: the first bytes say which.
        case greeting
        case handshaking
        /// Waiting for the whole of the first request.
        case opening
        /// An answer of the gate itself is being made.
        case asking
        /// The audit log is being told.
        case recording
        /// The target is being connected to.
        case dialing
        case relaying
        /// The last answer is on its way; what still comes is read away.
        case lingering
    }

    /// Which protocol the client speaks inside TLS.
    enum Speech {
        case http
        case postgresql
        /// HTTP, and it asks the gate itself something: answered in JSON.
        case question
    }

    let peer: IPEndpoint
    let listenerIndex: Int
    var phase = Phase.greeting
    var speech = Speech.http
    /// PostgreSQL clients may ask for GSSAPI before TLS, once.
    var hasAskedForGSSAPI = false
    var certificate: PeerCertificate?
    var person: Person?
    /// Why whatever is asked will be refused: the certificate stands for nobody, or who it stands for is locked out.
    var refusal: GateRefusal?
    /// What was asked for and granted.
    var admission: Admission?
    var target: TargetConnection?
    var lingeredBytes = 0

    /// What a session is admitted by.
    struct Admission {
        let session: LiveSession
        let destination: TargetName
        var passage: Passage
        /// For how long at most, whatever the grant says.
        let longestUntil: MonotonicInstant
        /// Since when one side has nothing more to say.
        var halfClosedAt: MonotonicInstant?
        /// The audit log has its beginning.
        var isRecorded = false
        /// It is on the board, and its end has to be told.
        var hasBegun = false
    }

    static let lingeredBytesMax = 1 << 20
    static let bodyBytesMax = 64 << 10

    init(worker: GateWorker, peer: IPEndpoint, listenerIndex: Int, channel: consuming Channel) {
        self.peer = peer
        self.listenerIndex = listenerIndex
        super.init(worker: worker, isAccepted: true, channel: channel)
    }

    var environment: GateEnvironment { worker.environment }

    func begin() {
        setDeadline(after: GateTimes.handshake)
        readinessChanged()
    }

    override func readinessChanged() {
        switch phase {
        case .greeting: greet()
        case .relaying:
            send()
            relay()
            // A target that takes nothing must not keep the session of somebody who has gone.
            if !isClosed, channel.isBroken, target?.isFull == true { broke() }
        case .handshaking, .opening, .lingering: receive()
        case .asking, .recording, .dialing: if channel.isBroken { close() } else { flush() }
        }
    }

    /// Reads what there is outside a session.
    func receive() {
        while !isClosed, channel.isReadable || channel.hasEnded {
            guard phase == .handshaking || phase == .opening || phase == .lingering else { break }
            var bytes = beginReading()
            let filled: Channel.Filled
            do throws(ChannelFailure) {
                filled = try channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut)
            } catch {
                endReading(bytes)
                return receiveFailed(error)
            }
            if phase == .handshaking, channel.isEstablished { handshakeEnded() }
            if !isClosed, phase == .opening { open(&bytes) }
            if phase == .lingering {
                lingeredBytes += bytes.count
                bytes.removeAll()
            }
            endReading(bytes)
            guard !isClosed else { return }
            switch filled {
            case .received: continue
            case .wouldBlock: break
            case .ended: return inputEnded()
            }
            break
        }
        flush()
        if phase == .lingering, lingeredBytes > Self.lingeredBytesMax { close() }
        if !isClosed, phase == .relaying { relay() }
    }

    private func inputEnded() {
        if phase == .handshaking {
            environment.counters.countFault(.closed)
            return close()
        }
        guard phase == .lingering, channel.queuedBytes > 0 else { return close() }
        hasInputEnded = true
        flush()
    }

    /// Sends what is queued; after the last answer, ends our direction.
    func flush() {
        guard !isClosed else { return }
        do throws(ChannelFailure) {
            try channel.flush(scratch: &worker.wireOut)
            takeBackOutgoing()
            guard phase == .lingering, channel.queuedBytes == 0 else { return }
            if !hasOutputEnded { setDeadline(after: GateTimes.lingering) }
            try endOutput()
            if hasInputEnded || channel.hasEnded { close() }
        } catch {
            lost()
        }
    }

    // MARK: the session

    override var other: RelayEnd? { phase == .relaying ? target : nil }
    override func relayed(_ byteCount: Int) { admission?.session.count(in: byteCount, at: worker.now) }
    override func broke() { finish(.personLost) }

    /// Both directions are over: nobody has anything to say any more.
    override func endIfBothHave() {
        guard let target else { return }
        if hasInputEnded, target.hasInputEnded, channel.queuedBytes == 0, target.channel.queuedBytes == 0 {
            return finish(.closed)
        }
        guard hasInputEnded || target.hasInputEnded, admission?.halfClosedAt == nil else { return }
        admission?.halfClosedAt = worker.now
        setRelayDeadline()
    }

    // MARK: time and the end

    private func receiveFailed(_ failure: ChannelFailure) {
        if phase == .handshaking { handshakeFailed(failure) }
        close()
    }

    /// The connection broke.
    func lost() {
        if phase == .relaying { return finish(.personLost) }
        close()
    }

    override func deadlinePassed() {
        switch phase {
        case .greeting, .handshaking:
            environment.counters.countFault(.timeout)
            close()
        case .opening:
            refuse(GateRefusal(code: "request_timeout", status: 408, message: "the request did not come in time"))
        case .asking:
            refuse(GateRefusal(code: "answer_timeout", status: 503, message: "the gate is busy", hint: "try again"))
        case .recording: if let admission { recorded(false, session: admission.session.id) }
        case .dialing: dialFailed("no answer within 5 s")
        case .relaying: relayDeadlinePassed()
        case .lingering: close()
        }
    }

    override func didClose() {
        target?.abandon()
        target = nil
        leave()
        environment.listeners[listenerIndex].live.subtract(1, ordering: .relaxed)
    }
}
