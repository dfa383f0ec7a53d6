// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

extension Session {
    /// Lets an admitted client resume later: what is sent next begins with a ticket.
    ///
    /// Call it once, after everything about the client was decided. Nothing happens when the context does not resume,
    /// the client cannot, or the session's time is over: resuming does not prolong it.
    package mutating func allowResumption() {
        guard unsafe TicketUse.end(ssl), unsafe SSL_version(ssl) == TLS1_3_VERSION,
            let session = unsafe SSL_get_session(ssl)
        else { return }
        if let origin = unsafe SessionOrigin.of(session) {
            isTicketDue = origin.endsAt > SessionInstant.now(nil).monotonic + .seconds(1)
            return
        }
        guard !isResumed,
            let verified,
            let cache = unsafe TicketCallbacks.cache(of: ssl),
            let origin = unsafe cache.origin(of: session, peer: verified)
        else { return }
        unsafe origin.attach(to: session)
        isTicketDue = true
    }

    /// Makes the library begin its next write with a ticket.
    mutating func makeTicket() {
        isTicketDue = false
        _ = unsafe SSL_new_session_ticket(ssl)
    }
}
