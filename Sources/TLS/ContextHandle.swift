// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// The owner of one `SSL_CTX` while it is being built, and of one reference to it afterwards.
///
/// Not changed once a session was made from it.
// SAFETY: SSL_new on a finished SSL_CTX may be called from any thread; its reference count is atomic.
@safe struct ContextHandle: ~Copyable, @unchecked Sendable {
    let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe SSL_CTX_free(raw) }

    /// A context with everything set that both sides share.
    static func make(server isServer: Bool, minVersion: TLSVersion) throws(TLSSetupError) -> ContextHandle {
        ERR_clear_error()
        let method = unsafe isServer ? TLS_server_method() : TLS_client_method()
        guard let raw = unsafe SSL_CTX_new_ex(TLSLibrary.context, nil, method) else {
            throw .refused(what: "TLS context", reasons: ErrorQueue.drain())
        }
        let handle = unsafe ContextHandle(adopting: raw)
        unsafe SSL_CTX_set_security_level(raw, TLSPolicy.securityLevel)
        unsafe eig_ctx_set_options(raw)
        // The chain is sent as configured: building it anew in each handshake costs a signature check.
        _ = unsafe eig_ctx_set_mode(raw, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN))
        _ = unsafe eig_ctx_set_session_cache_mode(raw, Int(SSL_SESS_CACHE_OFF))
        _ = unsafe SSL_CTX_set_num_tickets(raw, 0)
        _ = unsafe eig_ctx_set_max_cert_list(raw, TLSPolicy.chainBytesMax)
        unsafe SSL_CTX_set_verify_depth(raw, TLSPolicy.intermediatesMax)
        let isAccepted =
            unsafe eig_ctx_set_min_proto_version(raw, minVersion.number) == 1
            && SSL_CTX_set_cipher_list(raw, TLSPolicy.cipherList) == 1
            && SSL_CTX_set_ciphersuites(raw, TLSPolicy.cipherSuites) == 1
        guard isAccepted else { throw .refused(what: "TLS versions and ciphers", reasons: ErrorQueue.drain()) }
        return handle
    }

    /// Keeps those of `wanted` that the library knows, in their order.
    func useGroups(_ wanted: [String]) throws(TLSSetupError) -> [String] {
        let usable = wanted.filter { unsafe eig_ctx_set1_groups_list(raw, $0) == 1 }
        let isSet = unsafe !usable.isEmpty && eig_ctx_set1_groups_list(raw, usable.joined(separator: ":")) == 1
        ERR_clear_error()
        guard isSet else { throw .noUsableGroup(wanted: wanted) }
        return usable
    }

    /// - Returns: the facts of the leaf.
    func useIdentity(_ identity: TLSIdentity) throws(TLSSetupError) -> PeerCertificate {
        let leaf = try useChain(identity.certificateChainPEM)
        let key: PrivateKey
        do throws(PEMError) {
            try PEM.requireKey(identity.keyPEM, matches: identity.certificateChainPEM)
            key = try PEM.privateKey(identity.keyPEM)
        } catch { throw .key(error) }
        guard let key = key.inTLSLibrary() else {
            throw .refused(what: "private key", reasons: ErrorQueue.drain())
        }
        guard unsafe SSL_CTX_use_PrivateKey(raw, key.raw) == 1, unsafe SSL_CTX_check_private_key(raw) == 1 else {
            throw .refused(what: "private key", reasons: ErrorQueue.drain())
        }
        return leaf
    }

    private func useChain(_ pem: [UInt8]) throws(TLSSetupError) -> PeerCertificate {
        var leaf: PeerCertificate?
        var previous: Certificate?
        var position = 0
        var misplaced: Int?
        var isTaken = true
        do throws(PEMError) {
            try PEM.forEachCertificate(pem) { certificate, line throws(PEMError) in
                if previous == nil {
                    guard let facts = certificate.facts() else { throw .unreadableCertificate(line: line) }
                    leaf = facts
                    isTaken = unsafe SSL_CTX_use_certificate(raw, certificate.raw) == 1
                } else {
                    if previous?.isIssued(by: certificate) == false, misplaced == nil { misplaced = position }
                    isTaken = unsafe isTaken && eig_ctx_add1_chain_cert(raw, certificate.raw) == 1
                }
                previous = unsafe Certificate(sharing: certificate.raw)
                position += 1
            }
        } catch { throw .certificate(error) }
        if let misplaced { throw .chainOutOfOrder(position: misplaced) }
        guard isTaken, let leaf else { throw .refused(what: "certificate", reasons: ErrorQueue.drain()) }
        return leaf
    }

    /// Trusts the self-issued certificates of all files and nothing else; the others there fill gaps in chains.
    func useAnchors(_ files: [[UInt8]]) throws(TLSSetupError) {
        guard let store = unsafe X509_STORE_new() else {
            throw .refused(what: "trust store", reasons: ErrorQueue.drain())
        }
        // The context takes a reference of its own.
        defer { unsafe X509_STORE_free(store) }
        var isTaken = true
        for (index, file) in files.enumerated() {
            var anchorCount = 0
            do throws(PEMError) {
                try PEM.forEachCertificate(file) { certificate, _ throws(PEMError) in
                    if certificate.isSelfIssued { anchorCount += 1 }
                    isTaken = unsafe isTaken && X509_STORE_add_cert(store, certificate.raw) == 1
                }
            } catch { throw .anchors(file: index, error) }
            guard anchorCount > 0 else { throw .noAnchor(file: index) }
        }
        guard isTaken, unsafe eig_ctx_set1_verify_cert_store(raw, store) == 1 else {
            throw .refused(what: "trust store", reasons: ErrorQueue.drain())
        }
    }
}

extension ContextHandle {
    /// A fresh `SSL` with its BIO; the caller owns it.
    func makeSession() -> OpaquePointer {
        guard let ssl = unsafe SSL_new(raw), unsafe eig_session_attach(ssl) == 1 else { fatalError("out of memory") }
        return unsafe ssl
    }
}
