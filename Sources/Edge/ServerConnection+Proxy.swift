// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP

/// Passing a request on to an upstream and its answer back.
///
/// A request goes out on another connection only while no byte of it has left on the first: after
/// that its outcome is unknown, and it is the caller's to ask, not ours to repeat.
extension ServerConnection: UpstreamOwner {
    /// Two used connections may prove dead before a fresh one is opened.
    private static let attemptsMax = 3

    /// Sends what ``forward`` holds, and the body behind it.
    func proxy(through pool: UpstreamPool) {
        exchange.sink = .upstream
        exchange.target = pool.target
        exchange.requestEncoder = BodyEncoder(framing: head.framing)
        exchange.attempts = 1
        pool.acquire(for: self, method: head.method, on: worker)
    }

    func upstreamAssigned(_ client: consuming ClientConnection) {
        client.enqueue(&forward)
        upstream = client
        if exchange.isRequestComplete { finishUpstreamRequest() }
        resume()
    }

    /// Queues a run of the request's body in the framing its head announced.
    func sendUpstream(_ payload: Span<UInt8>) {
        guard let upstream else { return }
        upstream.lendOutgoing()
        exchange.requestEncoder?.append(payload, into: &upstream.channel.outgoing)
    }

    func finishUpstreamRequest() {
        exchange.isRequestComplete = true
        guard let upstream else { return }
        if !exchange.isRequestFinished {
            exchange.isRequestFinished = true
            upstream.lendOutgoing()
            exchange.requestEncoder?.finish(into: &upstream.channel.outgoing)
        }
        upstream.requestEnded()
    }

    /// Gives the upstream exchange up, whatever it is doing.
    func dropUpstream() {
        guard let upstream = self.upstream.take() else { return }
        upstream.abandon()
    }

    func upstreamAnswered(_ head: borrowing ResponseHead, _ bytes: Span<UInt8>) {
        exchange.answeredAt = worker.now
        exchange.status = head.status
        exchange.isHeadWritten = true
        let framing: BodyFraming = if case .untilClose = head.framing { .chunked } else { head.framing }
        exchange.responseEncoder = BodyEncoder(framing: framing)
        lendOutgoing()
        ForwardedHead.writeResponse(head, bytes, framing: framing, for: self, into: &channel.outgoing)
    }

    func upstreamSent(_ body: Span<UInt8>) {
        exchange.sentBytes += body.count
        lendOutgoing()
        exchange.responseEncoder?.append(body, into: &channel.outgoing)
        if channel.queuedBytes > Self.queuedBytesMax {
            flush()
            if channel.queuedBytes > Self.queuedBytesMax { upstream?.pauseReading() }
        }
    }

    func upstreamEnded() {
        upstream = nil
        lendOutgoing()
        exchange.responseEncoder?.finish(into: &channel.outgoing)
        responseEnded()
        resume()
    }

    func upstreamPaused() { settle() }

    func upstreamDrained() { if !isClosed { readinessChanged() } }

    func upstreamFailed(_ failure: UpstreamFailure) {
        let client = upstream.take()
        guard !isClosed, machine.isExchanging else { return }
        if exchange.isHeadWritten {
            if let target = exchange.target { logUpstreamFailure(failure, target) }
            // Half an answer is out: cutting it is the only honest end.
            exchange.reason = failure.code
            return peerLost()
        }
        guard let target = exchange.target else { return }
        if let client, client.isReused, failure.isUnsent, exchange.attempts < Self.attemptsMax {
            exchange.attempts += 1
            forward = client.takeQueued()
            let isLast = exchange.attempts == Self.attemptsMax
            return worker.pool(of: target).acquire(for: self, method: exchange.method, isFresh: isLast, on: worker)
        }
        logUpstreamFailure(failure, target)
        forward.release()
        exchange.sink = .discard
        deny(reason(for: failure, target))
        resume()
    }

    private func reason(for failure: UpstreamFailure, _ target: UpstreamTarget) -> DenialReason {
        switch failure {
        case .busy: .backendBusy
        case .malformed: .backendMalformed
        case .resolve: .resolveRefused
        case .timeout(let wasSent) where wasSent: .outcomeUnknownTimeout
        case .lost(let wasSent) where wasSent: .outcomeUnknown
        default: target.isBackend ? .backendUnreachable : .partnerUnreachable
        }
    }
}
