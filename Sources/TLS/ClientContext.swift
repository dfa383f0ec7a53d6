// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// What a calling side is built from.
package struct ClientTLSSettings: Sendable {
    /// Files of CA certificates; the server's chain must end in one of them. There is no default trust.
    package var anchorsPEM: [[UInt8]]
    /// What we show when the server asks.
    package var identity: TLSIdentity?
    package var minVersion: TLSVersion
    package var groups: [String]
    /// Whether `http/1.1` is offered (RFC 7301).
    package var speaksHTTP: Bool

    package init(
        anchorsPEM: [[UInt8]],
        identity: TLSIdentity? = nil,
        minVersion: TLSVersion = .tls12,
        groups: [String] = TLSPolicy.groups,
        speaksHTTP: Bool = true
    ) {
        self.anchorsPEM = anchorsPEM
        self.identity = identity
        self.minVersion = minVersion
        self.groups = groups
        self.speaksHTTP = speaksHTTP
    }
}

/// The calling side's TLS: immutable, shared by all workers.
///
/// The server's chain must end in the anchors, serve servers (extended key usage) and carry the name asked for
/// as a subject alternative name: the common name never counts.
package final class ClientContext: Sendable {
    private let handle: ContextHandle
    package let usableGroups: [String]
    /// What this side shows: for its expiry.
    package let certificate: PeerCertificate?

    package init(_ settings: ClientTLSSettings) throws(TLSSetupError) {
        let handle = try ContextHandle.make(server: false, minVersion: settings.minVersion)
        usableGroups = try handle.useGroups(settings.groups)
        if let identity = settings.identity {
            certificate = try handle.useIdentity(identity)
        } else {
            certificate = nil
        }
        try handle.useAnchors(settings.anchorsPEM)
        unsafe eig_ctx_verify(handle.raw, SSL_VERIFY_PEER)
        let hostFlags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        unsafe X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(handle.raw), hostFlags)
        if settings.speaksHTTP {
            let offer: [UInt8] = [8] + Array("http/1.1".utf8)
            // This one answers 0 for success.
            let status = unsafe SSL_CTX_set_alpn_protos(handle.raw, offer, UInt32(offer.count))
            invariant(status == 0, "out of memory")
        }
        self.handle = handle
    }

    /// A fresh `SSL` that will call `serverName`; the caller owns it.
    func makeSession(serverName: String) -> OpaquePointer {
        let ssl = unsafe handle.makeSession()
        let isNamed: Bool
        if IPAddress(serverName) != nil {
            // An address is looked for among the certificate's addresses, and is no SNI (RFC 6066 §3).
            isNamed = unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName) == 1
        } else {
            isNamed = unsafe SSL_set1_host(ssl, serverName) == 1 && eig_set_tlsext_host_name(ssl, serverName) == 1
        }
        invariant(isNamed, "not a name a server can have: \(serverName)")
        unsafe SSL_set_connect_state(ssl)
        return unsafe ssl
    }
}
