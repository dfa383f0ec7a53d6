// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import Partners

/// How a connection goes from one exchange to the next, and how it ends.
extension ServerConnection {
    func inputEnded() {
        guard !isClosed else { return }
        if !isGreeted { worker.counters.countFault(.closed) }
        if machine.isLingering {
            // Nothing more will come; what is queued still has to leave.
            if isHalfClosed { close() }
            return
        }
        if machine.isExchanging, !isBodyDone, case .upstream = exchange.sink { dropUpstream() }
        switch machine.inputEnded() {
        case .close:
            if machine.isExchanging { return peerLost() }
            // What was answered already still has to leave.
            isGreeted && channel.queuedBytes > 0 ? follow(machine.retire()) : close()
        case .wait, .readHead, .linger: break
        }
    }

    func receiveFailed(_ error: ChannelFailure) {
        if !isGreeted { handshakeFailed(error) }
        peerLost()
    }

    /// The peer is gone in the middle of something, or what it sends makes no sense any more.
    func peerLost() {
        guard !isClosed else { return }
        if machine.isExchanging, exchange.startedAt.nanoseconds > 0 {
            if exchange.reason.isEmpty { exchange.reason = "peer_lost" }
            logAccess()
        }
        close()
    }

    /// The answer's last byte is queued.
    func responseEnded() {
        logAccess()
        leave()
        if !isBodyDone, !canDiscard { machine.closeAfterResponse() }
        if !isBodyDone {
            exchange.sink = .discard
            body.release()
        }
        let step = machine.responseEnded()
        follow(step)
    }

    /// What is left of the body is small enough to read away.
    var canDiscard: Bool { !head.framing.exceeds(Self.discardedBytesMax) && !head.expectsContinue }

    func follow(_ step: ConnectionMachine.Step) {
        switch step {
        case .wait: break
        case .readHead:
            hasHeadStarted = false
            parser = RequestParser()
            becomeIdle()
        case .linger:
            isStalling = false
            setDeadline(after: Self.lingerTime)
        case .close: close()
        }
    }

    /// Waits for the next request.
    func becomeIdle() { setDeadline(after: worker.snapshot.timeouts.idle) }

    /// An answer ended outside this connection's own turn: go on with what has arrived meanwhile.
    func resume() {
        guard !isClosed else { return }
        readinessChanged()
    }

    func leave() {
        if exchange.hasEntered, let record = exchange.record {
            record.leave()
            exchange.hasEntered = false
        }
    }

    /// What the deadline means where the connection is now.
    func expire() {
        if !isGreeted {
            worker.countRefusal(.handshakeFailed)
            worker.counters.countFault(.timeout)
            logRefusal(code: DenialReason.handshakeFailed.code, detail: "the handshake took too long")
            return close()
        }
        if machine.isLingering { return close() }
        if machine.isExchanging {
            if isBodyDone {
                guard isStalling, channel.queuedBytes > 0 else {
                    isStalling = false
                    return
                }
                exchange.reason = "write_stalled"
                return peerLost()
            }
            let isUpstreamSlow = upstream?.isFull ?? false
            isBodyDone = true
            dropUpstream()
            machine.closeAfterResponse()
            if exchange.isHeadWritten { return peerLost() }
            deny(isUpstreamSlow ? .outcomeUnknownTimeout : .bodyTimeout)
        } else if hasHeadStarted {
            beginExchange()
            machine.closeAfterResponse()
            deny(.headTimeout)
        } else {
            follow(machine.retire())
        }
        settle()
    }

    /// The program stops: idle connections end in order, the rest after their answer.
    func drain(isIdleClosed: Bool) {
        machine.drain()
        guard isIdleClosed, isIdle, !hasHeadStarted else { return }
        follow(machine.retire())
        settle()
    }
}
