// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// Who is on the other side, decided once a handshake is over and again whenever it may have changed.
extension ServerConnection {
    /// The handshake is over: a partner's certificate must name exactly one partner, from its own network.
    func identify() {
        guard side == .partners else { return }
        // A resumed session changes nothing below: all of it is decided from the certificate it goes back to.
        worker.counters.countHandshake(isResumed: channel.isResumed)
        guard let certificate = channel.peerCertificate else {
            return denyConnection(.identityUnknown)
        }
        serverName = channel.serverName.map { Array($0.utf8) }
        identity = worker.identity(of: certificate)
        if let reason = decide() { return denyConnection(reason) }
        guard isServerNameOurs else { return denyConnection(.hostUnknown) }
        channel.allowResumption()
    }

    /// The configuration, or the minute, is another one than when it was decided who this is.
    var isDecisionOld: Bool {
        decidedGeneration != worker.snapshot.generation || decidedMinute != worker.wallNow.seconds / 60
    }

    /// Decides who this is, for this configuration and this minute.
    ///
    /// - Returns: why this connection may not go on, or nothing.
    func decide() -> DenialReason? {
        guard let identity else { return .identityUnknown }
        decidedGeneration = worker.snapshot.generation
        decidedMinute = worker.wallNow.seconds / 60
        isServerNameOurs = serverName.map { worker.snapshot.serverNames.contains($0) } ?? true
        switch worker.snapshot.directory.decide(identity.certificate, source: peer.address, now: worker.wallNow) {
        case .admitted(let record):
            take(record, of: identity)
            return nil
        case .denied(let reason, let record):
            exchange.record = record
            record?.runtime.countRefusal("\(reason.code)")
            return reason
        }
    }

    private func take(_ fresh: PartnerRecord, of identity: ClientIdentity) {
        if caller?.record.id != fresh.id {
            caller?.record.runtime.connectionEnded()
            fresh.runtime.connectionBegan()
        }
        caller = identity.caller(fresh, lines)
        if !machine.isExchanging { exchange.record = fresh }
    }

    /// Says no before any request was read, so that the client's engineer reads a reason and not just a
    /// closed connection.
    private func denyConnection(_ reason: DenialReason) {
        exchange.id = worker.makeID()
        exchange.startedAt = worker.now
        machine.closeAfterResponse()
        worker.countRefusal(reason)
        logRefusal(code: reason.code, detail: nil)
        exchange.reason = "\(reason.code)"
        answerDenial(status: reason.status, code: "\(reason.code)", message: reason.message, retryAfterSeconds: 0)
    }

    /// After a reload: a connection that may not go on is cut, whatever it is doing.
    func reconsider() {
        guard !isClosed, !isHandshaking else { return }
        switch side {
        case .partners:
            guard !machine.isLingering, isDecisionOld, let reason = decide() else { return }
            worker.countRefusal(reason)
            logRefusal(code: reason.code, detail: "the configuration changed")
            close()
        case .inside:
            if !worker.snapshot.admitsInside(peer.address) { close() }
        }
    }

    /// The TLS library refused the peer, or the peer us; its alert is on the way out.
    func handshakeFailed(_ failure: ChannelFailure) {
        try? channel.flush(scratch: &worker.wireOut)
        worker.countRefusal(.handshakeFailed)
        worker.counters.countFault(HandshakeFault(failure))
        switch failure {
        case .tls(let failure):
            let why = failure.verifyError ?? failure.reasons.joined(separator: "; ")
            logRefusal(code: DenialReason.handshakeFailed.code, detail: why, certificate: failure.peer)
        case .socket(let error):
            logRefusal(code: DenialReason.handshakeFailed.code, detail: error.description)
        }
    }
}
