// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TLS
import TestKit

/// The other side, driven by the library alone and without any of the house's policy.
@safe final class OpenSSLPeer {
    struct Options {
        var isServer = false
        var identity: Minted?
        /// Send the leaf alone, whatever is above it.
        var omitsIntermediates = false
        var versionMin = TLS1_VERSION
        var versionMax = TLS1_3_VERSION
        var ciphers = "DEFAULT"
        /// Of TLS 1.3.
        var suites: String?
        var groups: String?
        /// Wire format of RFC 7301.
        var protocols: [UInt8] = []
        var serverName: String?

        func with(_ change: (inout Options) -> Void) -> Options {
            var copy = self
            change(&copy)
            return copy
        }
    }

    let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private(set) var plaintext: [UInt8] = []
    private(set) var reasons: [String] = []

    /// Another connection to the same server, which knows the tickets it gave before.
    convenience init(again first: OpenSSLPeer) { unsafe self.init(context: SSL_get_SSL_CTX(first.ssl)) }

    private init(context: OpaquePointer) {
        unsafe ssl = Minted.require(SSL_new(context))
        unsafe input = Minted.require(BIO_new(BIO_s_mem()))
        unsafe output = Minted.require(BIO_new(BIO_s_mem()))
        unsafe SSL_set_bio(ssl, input, output)
        unsafe SSL_set_accept_state(ssl)
    }

    init(_ options: Options) {
        let context = unsafe Minted.require(
            SSL_CTX_new(options.isServer ? TLS_server_method() : TLS_client_method())
        )
        // The SSL keeps a reference of its own.
        defer { unsafe SSL_CTX_free(context) }
        unsafe SSL_CTX_set_security_level(context, 0)
        _ = unsafe eig_ctx_set_min_proto_version(context, options.versionMin)
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(options.versionMax), nil)
        _ = unsafe SSL_CTX_set_cipher_list(context, options.ciphers + ":@SECLEVEL=0")
        if let suites = options.suites { _ = unsafe SSL_CTX_set_ciphersuites(context, suites) }
        if let groups = options.groups { _ = unsafe eig_ctx_set1_groups_list(context, groups) }
        if let identity = options.identity {
            let certificate = unsafe Minted.decoded(identity.der)
            let key = unsafe Minted.decoded(key: identity.keyDER)
            _ = unsafe SSL_CTX_use_certificate(context, certificate)
            _ = unsafe SSL_CTX_use_PrivateKey(context, key)
            for der in options.omitsIntermediates ? [] : identity.intermediates {
                let above = unsafe Minted.decoded(der)
                _ = unsafe eig_ctx_add1_chain_cert(context, above)
                unsafe X509_free(above)
            }
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
        }
        unsafe ssl = Minted.require(SSL_new(context))
        unsafe input = Minted.require(BIO_new(BIO_s_mem()))
        unsafe output = Minted.require(BIO_new(BIO_s_mem()))
        unsafe SSL_set_bio(ssl, input, output)
        if let name = options.serverName { _ = unsafe eig_set_tlsext_host_name(ssl, name) }
        if !options.protocols.isEmpty {
            _ = unsafe SSL_set_alpn_protos(ssl, options.protocols, UInt32(options.protocols.count))
        }
        if options.isServer { unsafe SSL_set_accept_state(ssl) } else { unsafe SSL_set_connect_state(ssl) }
    }

    deinit { unsafe SSL_free(ssl) }

    var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    var isEstablished: Bool { unsafe SSL_is_init_finished(ssl) == 1 }

    var alpn: String {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &bytes, &count)
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// Goes as far as it can with what it got.
    func advance() {
        ERR_clear_error()
        if !isEstablished { note(unsafe SSL_do_handshake(ssl)) }
        guard isEstablished else { return }
        var buffer = [UInt8](repeating: 0, count: 20_000)
        while true {
            let count = unsafe SSL_read(ssl, &buffer, CInt(buffer.count))
            guard count > 0 else { return note(count) }
            plaintext += buffer.prefix(Int(count))
        }
    }

    func write(_ bytes: [UInt8]) { note(unsafe SSL_write(ssl, bytes, CInt(bytes.count))) }

    func close() { note(unsafe SSL_shutdown(ssl)) }

    func renegotiate() { note(unsafe SSL_renegotiate(ssl)) }

    func take(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        _ = unsafe BIO_write(input, bytes, CInt(bytes.count))
    }

    func give() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(output))
        guard !bytes.isEmpty else { return [] }
        _ = unsafe BIO_read(output, &bytes, CInt(bytes.count))
        return bytes
    }

    private func note(_ status: CInt) {
        guard status <= 0 else { return }
        while case let code = ERR_get_error(), code != 0 {
            reasons.append(unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "?")
        }
    }
}

extension Wire.Side {
    /// Carries bytes between this side and the library's own until neither has anything left to say.
    mutating func talk(to peer: OpenSSLPeer) {
        while true {
            peer.advance()
            let toUs = peer.give()
            if failure == nil { receive(toUs, chunkBytes: .max) }
            let toPeer = takeOutput()
            peer.take(toPeer)
            if toUs.isEmpty, toPeer.isEmpty { return }
        }
    }
}
