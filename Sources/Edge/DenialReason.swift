// SPDX-License-Identifier: Apache-2.0

/// Why eigd itself refused a connection or a request, or could not answer it.
///
/// The parser's reasons are its own (`HTTP.RefusalReason`); the kernel's are counters. Codes are stable:
/// logs, metrics, `eigctl` and partners' engineers rely on them.
package enum DenialReason: Int, CaseIterable, Hashable, Sendable {
    // Of the connection.
    case handshakeRate, handshakeFailed, connectionsMax
    case identityUnknown, identityAmbiguous, partnerDisabled, certificateExpired, certificateRevoked
    case certificatePurpose, certificateWeak, certificatePin, addressNotAllowed, insideOnly
    // Of the request.
    case hostUnknown, credentialMissing, credentialWrong, credentialLocked
    case rateExceeded, concurrencyExceeded, routeUnknown, methodNotAllowed, roleNotAllowed, bodyTooLarge
    case headTimeout, bodyTimeout
    // Of what stands behind us.
    case backendBusy, backendUnreachable, backendMalformed, outcomeUnknown, outcomeUnknownTimeout
    case partnerUnknown, partnerUnreachable, resolveRefused
    // Of callbacks.
    case idempotencyKeyMissing, callbackMalformed, callbackConflict, relayOverloaded, relayFailed, notConfigured

    /// How many reasons there are: the length of a table by ``rawValue``.
    static let count = allCases.count

    package var code: StaticString {
        switch self {
        case .handshakeRate: "handshake_rate"
        case .handshakeFailed: "handshake_failed"
        case .connectionsMax: "connections_max"
        case .identityUnknown: "identity_unknown"
        case .identityAmbiguous: "identity_ambiguous"
        case .partnerDisabled: "partner_disabled"
        case .certificateExpired: "certificate_expired"
        case .certificateRevoked: "certificate_revoked"
        case .certificatePurpose: "certificate_purpose"
        case .certificateWeak: "certificate_weak"
        case .certificatePin: "certificate_pin"
        case .addressNotAllowed: "address_not_allowed"
        case .insideOnly: "inside_only"
        case .hostUnknown: "host_unknown"
        case .credentialMissing: "credential_missing"
        case .credentialWrong: "credential_wrong"
        case .credentialLocked: "credential_locked"
        case .rateExceeded: "rate_exceeded"
        case .concurrencyExceeded: "concurrency_exceeded"
        case .routeUnknown: "route_unknown"
        case .methodNotAllowed: "method_not_allowed"
        case .roleNotAllowed: "role_not_allowed"
        case .bodyTooLarge: "body_too_large"
        case .headTimeout: "head_timeout"
        case .bodyTimeout: "body_timeout"
        case .backendBusy: "backend_busy"
        case .backendUnreachable: "backend_unreachable"
        case .backendMalformed: "backend_malformed"
        case .outcomeUnknown, .outcomeUnknownTimeout: "outcome_unknown"
        case .partnerUnknown: "partner_unknown"
        case .partnerUnreachable: "partner_unreachable"
        case .resolveRefused: "resolve_refused"
        case .idempotencyKeyMissing: "idempotency_key_missing"
        case .callbackMalformed: "callback_malformed"
        case .callbackConflict: "callback_conflict"
        case .relayOverloaded: "relay_overloaded"
        case .relayFailed: "relay_failed"
        case .notConfigured: "not_configured"
        }
    }

    /// The HTTP status that says it (RFC 9110 §15, RFC 6585).
    package var status: Int {
        switch self {
        case .callbackMalformed, .idempotencyKeyMissing: 400
        case .credentialMissing, .credentialWrong: 401
        case .identityUnknown, .identityAmbiguous, .partnerDisabled, .certificateExpired, .certificateRevoked,
            .certificatePurpose, .certificateWeak, .certificatePin, .addressNotAllowed, .insideOnly, .roleNotAllowed,
            .handshakeFailed:
            403
        case .routeUnknown, .partnerUnknown, .notConfigured: 404
        case .methodNotAllowed: 405
        case .headTimeout, .bodyTimeout: 408
        case .callbackConflict: 409
        case .bodyTooLarge: 413
        case .hostUnknown: 421
        case .rateExceeded, .concurrencyExceeded, .credentialLocked, .handshakeRate: 429
        case .backendUnreachable, .backendMalformed, .outcomeUnknown, .partnerUnreachable, .resolveRefused: 502
        case .backendBusy, .relayOverloaded, .relayFailed, .connectionsMax: 503
        case .outcomeUnknownTimeout: 504
        }
    }

    /// One sentence for the partner's engineer: what happened and what to do.
    package var message: StaticString {
        switch self {
        case .handshakeRate: "Too many new connections from this address; keep connections open and reuse them."
        case .handshakeFailed: "The TLS handshake failed."
        case .connectionsMax: "The gateway has no room for another connection; try again shortly."
        case .identityUnknown: "No partner has this client certificate: check its issuing CA and the DNS name in it."
        case .identityAmbiguous: "This client certificate fits more than one partner."
        case .partnerDisabled: "This partner is disabled."
        case .certificateExpired: "The client certificate is not valid now."
        case .certificateRevoked: "The client certificate is revoked."
        case .certificatePurpose: "The client certificate is not meant for client authentication."
        case .certificateWeak: "The client certificate's key or signature is too weak."
        case .certificatePin: "The client certificate's key is not the pinned one."
        case .addressNotAllowed: "This source address is not allow-listed for this partner."
        case .insideOnly: "Only the backends' networks may use this listener."
        case .hostUnknown: "The Host or server name is not one of this gateway's."
        case .credentialMissing: "This partner must send its credential."
        case .credentialWrong: "The credential is wrong."
        case .credentialLocked: "Too many wrong credentials; wait before the next try."
        case .rateExceeded: "The request rate agreed with this partner is exceeded."
        case .concurrencyExceeded: "Too many requests of this partner are being answered."
        case .routeUnknown: "No route leads from this path."
        case .methodNotAllowed: "This path is not served for this method."
        case .roleNotAllowed: "This partner's role may not use this path."
        case .bodyTooLarge: "The request body is larger than agreed."
        case .headTimeout: "The request head took too long."
        case .bodyTimeout: "The request body came too slowly."
        case .backendBusy: "All connections to the backend are in use; try again shortly."
        case .backendUnreachable: "The backend could not be reached; nothing of the request was sent."
        case .backendMalformed: "The backend's answer was not valid HTTP; the outcome of the request is unknown."
        case .outcomeUnknown: "The connection was lost after sending: ask for the request's status, do not repeat it."
        case .outcomeUnknownTimeout: "No answer came in time: ask for the request's status, do not repeat it."
        case .partnerUnknown: "There is no such partner."
        case .partnerUnreachable: "The partner could not be reached; nothing of the request was sent."
        case .resolveRefused: "The host name resolves to no address on the partner's list."
        case .idempotencyKeyMissing: "A callback needs an Idempotency-Key field."
        case .callbackMalformed: "The callback's body is not what its profile asks for."
        case .callbackConflict: "This key was used before with another body."
        case .relayOverloaded: "The callback store takes nothing more now; send it again later."
        case .relayFailed: "The callback could not be stored; send it again."
        case .notConfigured: "This partner has no such endpoint in its file."
        }
    }

    /// Seconds for `Retry-After`, where waiting helps; 0 for none.
    package var retryAfterSeconds: Int {
        switch self {
        case .rateExceeded, .concurrencyExceeded, .backendBusy, .connectionsMax, .handshakeRate: 1
        case .relayOverloaded, .relayFailed: 5
        case .credentialLocked: 60
        default: 0
        }
    }

    /// Which side has to change something, for the log.
    package var origin: StaticString {
        switch self {
        case .backendBusy, .backendUnreachable, .backendMalformed, .outcomeUnknown, .outcomeUnknownTimeout: "backend"
        case .partnerUnreachable, .resolveRefused: "partner"
        case .relayOverloaded, .relayFailed, .connectionsMax, .notConfigured: "gateway"
        default: "peer"
        }
    }
}
