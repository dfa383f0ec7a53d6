// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// What the library asks a listening context about sessions (SSL_CTX_sess_set_get_cb(3)).
///
/// Its own cache is not used: it would hold a whole session for each ticket, let a ticket be used again, and forget by
/// age alone, so that one busy client pushes out all others.
enum TicketCallbacks {
    private static let place: CInt = unsafe CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL_CTX,
        0,
        nil,
        nil,
        nil,
        { _, cache, _, _, _, _ in
            if let cache = unsafe cache { unsafe Unmanaged<TicketCache>.fromOpaque(cache).release() }
        }
    )

    /// Lets clients of `context` resume what is in `cache`; the context keeps the cache as long as it is there itself.
    static func install(_ cache: TicketCache, in context: OpaquePointer) {
        invariant(place >= 0, "no room for what belongs to a context")
        let kept = unsafe Unmanaged.passRetained(cache).toOpaque()
        invariant(unsafe SSL_CTX_set_ex_data(context, place, kept) == 1, "out of memory")
        unsafe SessionContext(cache.generation, serverName: nil).withBytes { bytes in
            let isSet = unsafe SSL_CTX_set_session_id_context(context, bytes.baseAddress, UInt32(bytes.count))
            invariant(isSet == 1, "a session's context is too long")
        }
        let mode = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR
        _ = unsafe eig_ctx_set_session_cache_mode(context, Int(mode))
        _ = unsafe SSL_CTX_set_timeout(context, Int(cache.lifetime.components.seconds))
        unsafe SSL_CTX_set_client_hello_cb(context, helloCame, kept)
        unsafe SSL_CTX_set_not_resumable_session_callback(context, isFinal)
        unsafe SSL_CTX_sess_set_new_cb(context, ticketMade)
        unsafe SSL_CTX_sess_set_get_cb(context, ticketShown)
    }

    /// `psk_dhe_ke` (RFC 8446 §4.2.9).
    private static let pskWithFreshKeys: UInt8 = 1

    static func cache(of ssl: OpaquePointer) -> TicketCache? {
        guard let cache = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place) else { return nil }
        return unsafe Unmanaged<TicketCache>.fromOpaque(cache).takeUnretainedValue()
    }

    /// A ClientHello, before anything of it is used: whose name it is for, and whether a ticket could ever help.
    private static let helloCame: SSL_client_hello_cb_fn = { ssl, _, argument in
        guard let ssl = unsafe ssl, let argument = unsafe argument else { return SSL_CLIENT_HELLO_SUCCESS }
        let cache = unsafe Unmanaged<TicketCache>.fromOpaque(argument).takeUnretainedValue()
        let name = unsafe extensionBytes(UInt32(TLSEXT_TYPE_server_name), ssl)
        unsafe SessionContext(cache.generation, serverName: name).withBytes { bytes in
            let isSet = unsafe SSL_set_session_id_context(ssl, bytes.baseAddress, UInt32(bytes.count))
            invariant(isSet == 1, "a session's context is too long")
        }
        // A list of one-byte modes behind its length; only with a fresh key exchange.
        let modes = unsafe extensionBytes(UInt32(TLSEXT_TYPE_psk_kex_modes), ssl)
        if let modes = unsafe modes, unsafe modes.dropFirst().contains(pskWithFreshKeys) {
            unsafe TicketUse.begin(ssl)
        }
        return SSL_CLIENT_HELLO_SUCCESS
    }

    private static func extensionBytes(_ type: UInt32, _ ssl: OpaquePointer) -> UnsafeBufferPointer<UInt8>? {
        var bytes: UnsafePointer<UInt8>?
        var byteCount = 0
        guard unsafe SSL_client_hello_get0_ext(ssl, type, &bytes, &byteCount) == 1 else { return nil }
        return unsafe UnsafeBufferPointer(start: bytes, count: byteCount)
    }

    /// TLS 1.2 is never resumed: there it would go on with the old secrets and without a fresh key exchange.
    private static let isFinal: @convention(c) (OpaquePointer?, CInt) -> CInt = { ssl, _ in
        unsafe SSL_version(ssl) < TLS1_3_VERSION ? 1 : 0
    }

    /// The library has made a ticket; it keeps its reference.
    private static let ticketMade: @convention(c) (OpaquePointer?, OpaquePointer?) -> CInt = { ssl, session in
        if let ssl = unsafe ssl, let session = unsafe session { unsafe cache(of: ssl)?.keep(session) }
        return 0
    }

    /// A client shows a ticket; what is answered belongs to the library.
    private static let ticketShown:
        @convention(c) (OpaquePointer?, UnsafePointer<UInt8>?, CInt, UnsafeMutablePointer<CInt>?) -> OpaquePointer? = {
            ssl,
            name,
            byteCount,
            isCopied in
            unsafe isCopied?.pointee = 0
            guard let ssl = unsafe ssl, unsafe SSL_version(ssl) == TLS1_3_VERSION,
                let id = unsafe TicketID(UnsafeRawBufferPointer(start: name, count: Int(byteCount))),
                let use = unsafe TicketUse.of(ssl), let cache = unsafe cache(of: ssl)
            else { return nil }
            return unsafe use.session(id, from: cache)
        }
}
