// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// What a later connection of ours to the same server needs to skip the certificates (RFC 8446 §2.2).
///
/// It holds the secrets of a whole connection: keep it in memory, and only as long as it is useful. It remembers
/// whom the connection was made to, because a resumed handshake verifies no certificate again.
// SAFETY: the library never changes a session that was given out but for its reference count and its
// "not resumable" mark, both safe from any thread.
@safe package final class SavedSession: @unchecked Sendable {
    fileprivate let raw: OpaquePointer
    private let context: OpaquePointer
    private let serverName: String

    /// - Parameter raw: one reference, which this takes over.
    fileprivate init(adopting raw: OpaquePointer, of ssl: OpaquePointer) {
        unsafe self.raw = raw
        unsafe context = SSL_get_SSL_CTX(ssl)
        serverName = unsafe Self.serverName(of: ssl)
        unsafe SSL_CTX_up_ref(context)
    }

    deinit {
        unsafe SSL_SESSION_free(raw)
        unsafe SSL_CTX_free(context)
    }

    fileprivate func belongs(to ssl: OpaquePointer) -> Bool {
        unsafe SSL_get_SSL_CTX(ssl) == context && Self.serverName(of: ssl) == serverName
    }

    /// The name or address that the server's certificate has to carry.
    private static func serverName(of ssl: OpaquePointer) -> String {
        let wanted = unsafe SSL_get0_param(ssl)
        if let name = unsafe X509_VERIFY_PARAM_get0_host(wanted, 0) { return unsafe String(cString: name) }
        guard let address = unsafe X509_VERIFY_PARAM_get1_ip_asc(wanted) else { return "" }
        defer { unsafe eig_free(address) }
        return unsafe String(cString: address)
    }
}

extension Session {
    /// Calls a server, offering to go on from an earlier connection; the server may decline, and a whole handshake
    /// follows then.
    ///
    /// - Parameter saved: nothing, or what ``savedSession()`` of a session with the same context and name gave.
    /// - Precondition: `serverName` is a host name of at most 255 bytes, or an IP address.
    package init(client context: ClientContext, serverName: String, resuming saved: SavedSession?) {
        self.init(client: context, serverName: serverName)
        guard let saved else { return }
        invariant(unsafe saved.belongs(to: ssl), "resuming the session of another server or context")
        invariant(unsafe SSL_set_session(ssl, saved.raw) == 1, "a session of another protocol")
    }

    /// What the next connection may go on from; nothing when the server offered nothing so far.
    ///
    /// A TLS 1.3 server sends its tickets after the handshake, often with its first answer: ask after that was
    /// received. Afterwards ``close(into:)`` this session before it is dropped, or the library forbids resumption.
    package func savedSession() -> SavedSession? {
        guard let raw = unsafe SSL_get1_session(ssl) else { return nil }
        guard unsafe SSL_SESSION_is_resumable(raw) == 1 else {
            unsafe SSL_SESSION_free(raw)
            return nil
        }
        return unsafe SavedSession(adopting: raw, of: ssl)
    }

    /// Whether this connection goes on from an earlier one; known once it is established.
    package var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }
}
