// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// What one server-side handshake has to do with tickets; only there while a client that can resume shakes hands.
///
/// A ClientHello that is asked for again (RFC 8446 §4.1.4) brings the same ticket twice, and it is the same use.
@safe final class TicketUse {
    private var id: TicketID?
    private var session: OpaquePointer?

    init() { unsafe session = nil }

    deinit { unsafe SSL_SESSION_free(session) }

    /// The session of a ticket, with a reference for the library.
    func session(_ wanted: TicketID, from cache: TicketCache) -> OpaquePointer? {
        if wanted != id {
            guard let taken = unsafe cache.take(wanted, at: cache.now) else { return nil }
            unsafe SSL_SESSION_free(session)
            unsafe session = taken
            id = wanted
        }
        invariant(unsafe SSL_SESSION_up_ref(session) == 1, "a session's count overflowed")
        return unsafe session
    }
}

/// Where the library keeps it for us.
extension TicketUse {
    private static let place: CInt = unsafe CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL,
        0,
        nil,
        nil,
        nil,
        { _, use, _, _, _, _ in if let use = unsafe use { unsafe Unmanaged<TicketUse>.fromOpaque(use).release() } }
    )

    static func of(_ ssl: OpaquePointer) -> TicketUse? {
        unsafe SSL_get_ex_data(ssl, place).map { unsafe Unmanaged<TicketUse>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Begins, unless it has.
    static func begin(_ ssl: OpaquePointer) {
        guard unsafe of(ssl) == nil else { return }
        invariant(place >= 0, "no room for what belongs to a connection")
        let use = unsafe Unmanaged.passRetained(TicketUse()).toOpaque()
        invariant(unsafe SSL_set_ex_data(ssl, place, use) == 1, "out of memory")
    }

    /// Ends.
    ///
    /// - Returns: whether it had begun: whether the client can use a ticket at all.
    static func end(_ ssl: OpaquePointer) -> Bool {
        guard let use = unsafe SSL_get_ex_data(ssl, place) else { return false }
        invariant(unsafe SSL_set_ex_data(ssl, place, nil) == 1, "out of memory")
        unsafe Unmanaged<TicketUse>.fromOpaque(use).release()
        return true
    }
}
