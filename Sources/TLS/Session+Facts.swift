// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

extension Session {
    /// The facts of the peer's certificate, once it was verified, on this connection or on the one it goes back to.
    ///
    /// Of a calling session built anew each time: ask once and keep the answer.
    package var peer: PeerCertificate? {
        if let verified { return verified.certificate }
        // A resumed handshake has no certificates of its own.
        if isServer, isResumed { return unsafe SessionOrigin.of(SSL_get_session(ssl))?.client.peer.certificate }
        guard let anchor = unsafe eig_verified_anchor(ssl), let leaf = unsafe SSL_get0_peer_certificate(ssl) else {
            return nil
        }
        var facts = unsafe Certificate(sharing: leaf).facts()
        facts?.anchorSHA256 = unsafe Digest.sha256(Certificate(sharing: anchor).der)
        return facts
    }

    /// Whether the client chose `postgresql` (RFC 7301).
    package var isPostgreSQL: Bool { unsafe eig_session_is_postgresql(ssl) == 1 }

    /// Such as `TLSv1.3`.
    package var version: String { unsafe String(cString: SSL_get_version(ssl)) }

    /// Such as `TLS_AES_128_GCM_SHA256`; `(NONE)` before there is one.
    package var cipher: String { unsafe String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }

    /// The name the client asked for (RFC 6066 §3), lower-case.
    package var serverName: String? {
        unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0).lowercased() }
    }

    /// Whether the peer ended its direction properly: without it, an end of the stream is a cut (RFC 8446 §6.1).
    package var isPeerClosed: Bool { unsafe SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }
}
