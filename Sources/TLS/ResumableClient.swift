// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Glibc
internal import Synchronization

/// One client certificate that was verified and admitted under one server name, and what its tickets have in common.
///
/// A session in the library's form is 1.2 kB, and the certificate it holds some more. It is kept once, here, without a
/// secret; a ticket then costs a few hundred bytes.
// SAFETY: the template is never changed after it was made, and copies are only made of it.
@safe final class ResumableClient: @unchecked Sendable {
    /// What tells clients apart; the peer stays the same object as long as its chain is remembered, or a client has it.
    struct Key: Hashable, Sendable {
        let peer: ObjectIdentifier
        /// The generation and the server name, as the library compares them.
        let context: SessionContext
        let cipher: UInt32
    }

    let peer: VerifiedPeer
    let owner: TicketOwner
    private let template: OpaquePointer

    /// - Parameter session: a connection's own, just admitted, which no ticket was given out for.
    /// - Returns: nothing when memory is short.
    init?(_ peer: VerifiedPeer, of owner: TicketOwner, session: OpaquePointer) {
        guard let copy = unsafe SSL_SESSION_dup(session) else { return nil }
        // What it may hold of that connection's secrets goes no further.
        let zeros = [UInt8](repeating: 0, count: 48)
        guard unsafe SSL_SESSION_set1_master_key(copy, zeros, zeros.count) == 1 else {
            unsafe SSL_SESSION_free(copy)
            return nil
        }
        self.peer = peer
        self.owner = owner
        unsafe template = copy
        owner.clientCount.add(1, ordering: .relaxed)
    }

    deinit {
        owner.clientCount.subtract(1, ordering: .relaxed)
        unsafe SSL_SESSION_free(template)
    }

    /// A session that the library can resume from, with `secret` in it; the caller owns it.
    ///
    /// - Returns: nothing when memory is short.
    func makeSession(
        _ id: TicketID,
        secret: Span<UInt8>,
        origin: SessionOrigin,
        at now: SessionInstant
    ) -> OpaquePointer? {
        guard let session = unsafe SSL_SESSION_dup(template) else { return nil }
        let isNamed = unsafe id.withBytes { unsafe SSL_SESSION_set1_id(session, $0.baseAddress, UInt32($0.count)) } == 1
        let isKeyed = unsafe secret.withUnsafeBufferPointer { secret in
            unsafe SSL_SESSION_set1_master_key(session, secret.baseAddress, secret.count) == 1
        }
        guard isNamed, isKeyed else {
            unsafe SSL_SESSION_free(session)
            return nil
        }
        // The library judges by the system's clock, too, and tells the client this for its next ticket.
        unsafe SSL_SESSION_set_time(session, time(nil))
        unsafe SSL_SESSION_set_timeout(session, origin.secondsLeft(at: now))
        unsafe origin.attach(to: session)
        return unsafe session
    }
}
