// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// The full handshake that a session goes back to: whose certificate was verified, and until when that stands.
///
/// It goes from a session to its ticket and on to the session that is resumed from that, as the library copies them.
/// A session without one was never admitted and is resumed by nobody.
@safe final class SessionOrigin: Sendable {
    let client: ResumableClient
    /// The end of every session that goes back here: resuming does not put it off.
    let endsAt: MonotonicInstant

    init(client: ResumableClient, endsAt: MonotonicInstant) {
        self.client = client
        self.endsAt = endsAt
    }

    /// Whether a session may still be resumed; when not, the chain has to be verified again.
    func isStanding(at now: SessionInstant) -> Bool {
        now.monotonic < endsAt && client.peer.dates.contain(seconds: now.wall.seconds)
    }

    /// Whole seconds, rounded up.
    func secondsLeft(at now: SessionInstant) -> Int {
        max(0, Int((endsAt - now.monotonic + .milliseconds(999)).milliseconds / 1000))
    }
}

/// Where the library keeps it for us.
extension SessionOrigin {
    private static let place: CInt = unsafe CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL_SESSION,
        0,
        nil,
        nil,
        { _, _, pointer, _, _, _ in
            // A copy of the session shares it.
            if let origin = unsafe pointer?.pointee { _ = unsafe Unmanaged<SessionOrigin>.fromOpaque(origin).retain() }
            return 1
        },
        { _, origin, _, _, _, _ in
            if let origin = unsafe origin { unsafe Unmanaged<SessionOrigin>.fromOpaque(origin).release() }
        }
    )

    /// What this session of the library goes back to.
    static func of(_ session: OpaquePointer?) -> SessionOrigin? {
        guard let session = unsafe session, let origin = unsafe SSL_SESSION_get_ex_data(session, place) else {
            return nil
        }
        return unsafe Unmanaged<SessionOrigin>.fromOpaque(origin).takeUnretainedValue()
    }

    /// - Precondition: the session is nobody else's yet, and has none.
    func attach(to session: OpaquePointer) {
        invariant(Self.place >= 0, "no room for what belongs to a session")
        let origin = unsafe Unmanaged.passRetained(self).toOpaque()
        invariant(unsafe SSL_SESSION_set_ex_data(session, Self.place, origin) == 1, "out of memory")
    }
}
