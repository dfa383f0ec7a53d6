// SPDX-License-Identifier: Apache-2.0
package import Base
internal import COpenSSL

/// What a listening side is built from.
package struct ServerTLSSettings: Sendable {
    /// Leaf first, then its intermediates.
    package var certificateChainPEM: [UInt8]
    package var keyPEM: [UInt8]
    package var minVersion: TLSVersion
    /// Files of CA certificates; clients of all of them are let through to the caller's own judgement.
    package var clientAnchorsPEM: [[UInt8]]
    /// False asks for no certificate at all; there is no "optional".
    package var requiresClientCertificate: Bool
    package var groups: [String]
    /// Whether `http/1.1` is what is spoken inside (RFC 7301): a client that wants only others is refused.
    package var speaksHTTP: Bool
    /// Whether `postgresql` may be spoken as well (IANA's ALPN protocol ID of PostgreSQL 17's direct TLS).
    package var speaksPostgreSQL = false
    /// Verified chains remembered at once; what is forgotten costs its client a verification, no more.
    package var verifiedChainsMax: Int
    /// The instant that each new session judges certificates by, for tests; nothing is the system's clock.
    package var verificationClock: (@Sendable () -> WallInstant)?
    /// Nothing lets nobody resume.
    package var resumption: ResumptionSettings?

    package init(
        certificateChainPEM: [UInt8],
        keyPEM: [UInt8],
        minVersion: TLSVersion = .tls12,
        clientAnchorsPEM: [[UInt8]] = [],
        requiresClientCertificate: Bool = true,
        groups: [String] = TLSPolicy.groups,
        speaksHTTP: Bool = true,
        verifiedChainsMax: Int = 4096,
        resumption: ResumptionSettings? = nil
    ) {
        self.verifiedChainsMax = verifiedChainsMax
        self.certificateChainPEM = certificateChainPEM
        self.keyPEM = keyPEM
        self.minVersion = minVersion
        self.clientAnchorsPEM = clientAnchorsPEM
        self.requiresClientCertificate = requiresClientCertificate
        self.groups = groups
        self.speaksHTTP = speaksHTTP
        self.resumption = resumption
    }
}

/// The listening side's TLS: immutable, shared by all workers; a reload builds a new one and sessions keep theirs.
///
/// The client's chain is verified by the library alone: signatures, dates, basic constraints, path length,
/// key strength; a chain that was, on another connection to this context, is not verified twice
/// (``VerifiedChains``). Its purpose is not: extended key usage is a fact in ``PeerCertificate``, for the caller's policy.
package final class ServerContext: Sendable {
    private let handle: ContextHandle
    /// Of the settings' groups those that the library has, in order of preference.
    package let usableGroups: [String]
    /// What this side shows: for its expiry.
    package let certificate: PeerCertificate
    private let chains: VerifiedChains
    private let verificationClock: (@Sendable () -> WallInstant)?
    /// The tickets given out to its clients.
    let tickets: TicketCache?

    package init(_ settings: ServerTLSSettings) throws(TLSSetupError) {
        let handle = try ContextHandle.make(server: true, minVersion: settings.minVersion)
        usableGroups = try handle.useGroups(settings.groups)
        let identity = TLSIdentity(certificateChainPEM: settings.certificateChainPEM, keyPEM: settings.keyPEM)
        certificate = try handle.useIdentity(identity)
        try handle.useAnchors(settings.clientAnchorsPEM)
        chains = VerifiedChains(entriesMax: settings.verifiedChainsMax)
        if settings.requiresClientCertificate {
            unsafe SSL_CTX_set_purpose(handle.raw, X509_PURPOSE_ANY)
            unsafe eig_ctx_verify(handle.raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
            unsafe chains.install(in: handle.raw)
        } else {
            unsafe eig_ctx_verify(handle.raw, SSL_VERIFY_NONE)
        }
        if settings.speaksPostgreSQL {
            unsafe eig_ctx_select_http1_or_postgresql(handle.raw)
        } else if settings.speaksHTTP {
            unsafe eig_ctx_select_http1(handle.raw)
        }
        verificationClock = settings.verificationClock
        tickets = settings.resumption.map { TicketCache($0, wallClock: settings.verificationClock) }
        if let tickets { unsafe TicketCallbacks.install(tickets, in: handle.raw) }
        self.handle = handle
    }

    /// How often a client's chain was verified, and how often it was known to be good.
    package var chainCounts: (verified: Int, known: Int) { chains.counts }

    /// A fresh `SSL` that waits for a client; the caller owns it.
    func makeSession() -> OpaquePointer {
        let ssl = unsafe handle.makeSession()
        if let verificationClock {
            unsafe X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), Int(verificationClock().seconds))
        }
        unsafe SSL_set_accept_state(ssl)
        return unsafe ssl
    }
}

extension ServerContext {
    /// Tickets its clients may still come back with, and those that were forgotten early for lack of room.
    package var ticketCounts: (remembered: Int, forgotten: Int) { tickets?.counts ?? (0, 0) }

    /// Wipes the secrets of sessions that have ended; call it now and then.
    package func forgetEndedSessions() {
        guard let tickets else { return }
        tickets.forgetEnded(at: tickets.now)
    }

    /// Nobody resumes a session of this context any more: another one has taken its place.
    package func forgetSessions() { tickets?.retire() }
}
