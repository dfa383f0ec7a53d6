// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Partners
internal import TLS

/// What a partner's request must pass before a byte of it goes anywhere.
extension ServerConnection {
    /// Decides the request in ``head`` and starts what it asks for, or answers why not.
    ///
    /// - Parameter bytes: what the head's slices point into.
    func admitPartner(_ bytes: Span<UInt8>) {
        if isDecisionOld {
            if let reason = decide() {
                machine.closeAfterResponse()
                return deny(reason)
            }
            exchange.record = caller?.record
        }
        guard let caller else { return deny(.identityUnknown) }
        admit(caller, by: worker.snapshot, bytes)
    }

    /// Apart, as what is passed in is held by who passes it: none of it is counted again here.
    @inline(never)
    private func admit(_ caller: Caller, by snapshot: Snapshot, _ bytes: Span<UInt8>) {
        let record = caller.record
        record.runtime.countRequest(at: worker.wallNow.seconds)
        guard hostIsOurs(bytes) else {
            machine.closeAfterResponse()
            return deny(.hostUnknown)
        }
        if let reason = checkCredential(record, caller.proof, bytes) { return deny(reason) }
        guard record.runtime.mayTakeRequest(record.rate, now: worker.now) else { return deny(.rateExceeded) }
        guard let route = snapshot.routes.route(for: head.method, bytes[head.path]) else {
            return deny(snapshot.routes.serves(bytes[head.path]) ? .methodNotAllowed : .routeUnknown)
        }
        exchange.routeLogField = route.logField
        guard !route.roles.isDisjoint(with: record.roles) else { return deny(.roleNotAllowed) }
        guard limitBody(to: route.bodyBytesMax(for: record)) else {
            machine.closeAfterResponse()
            return deny(.bodyTooLarge)
        }
        guard record.runtime.enter(concurrentMax: record.concurrentMax) else {
            return deny(.concurrencyExceeded)
        }
        exchange.hasEntered = true
        switch route.target {
        case .upstream(let index):
            forwardHead(bytes, of: caller, through: worker.pools[index])
        case .relay: acceptReceiverCallback(from: record, bytes)
        }
    }

    /// Writes the admitted request's head anew, and finds a connection for it.
    @inline(never)
    private func forwardHead(_ bytes: Span<UInt8>, of caller: Caller, through pool: UpstreamPool) {
        worker.buffers.lend(&forward)
        ForwardedHead.writePartner(self, bytes, of: caller, to: pool.target, into: &forward)
        proxy(through: pool)
    }

    /// `Host` must be one of our names, and the one the handshake was made for (RFC 9110 §7.4).
    private func hostIsOurs(_ bytes: Span<UInt8>) -> Bool {
        let host = bytes[head.host]
        if let serverName { return isServerNameOurs && host.equalsFolded(serverName.span) }
        return worker.snapshot.serverNames.contains { host.equalsFolded($0.span) }
    }

    /// The partner's second factor, by its scheme; nothing when it is right.
    private func checkCredential(
        _ record: PartnerRecord,
        _ proof: CredentialProof,
        _ bytes: Span<UInt8>
    ) -> DenialReason? {
        let scheme = record.partner.credential.scheme
        if case .none = scheme { return nil }
        if let hash = record.credential?.hash, proof.holds(hash, in: head, bytes) { return nil }
        guard let credential = record.credential else { return .credentialWrong }
        guard let presented = PresentedCredential(scheme, head: head, bytes: bytes) else {
            return .credentialMissing
        }
        guard record.runtime.mayCheckCredential(now: worker.now) else { return .credentialLocked }
        guard presented.isUser(credential.user), PasswordHash.verify(presented.password, against: credential.hash)
        else { return .credentialWrong }
        record.runtime.credentialWasRight()
        proof.prove(credential.hash, by: scheme, in: head, bytes)
        return nil
    }
}
