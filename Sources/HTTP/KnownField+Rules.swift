// SPDX-License-Identifier: Apache-2.0

/// What the parser does about a field by its name alone; each is one bit test.
extension KnownField {
    /// The parser reads the value: it frames the message, routes it or rules the connection.
    @inline(__always)
    var actsOnParsing: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .connection, .upgrade, .http2Settings, .expect: true
        default: false
        }
    }

    /// A second one is refused: two readers could take different ones (RFC 9110 §5.3).
    @inline(__always)
    package var isSingle: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .expect: true
        case .authorization, .proxyAuthorization, .xUsername, .xPassword, .xUserCredential1, .xUserCredential2,
            .xUserBearer, .xAPIKey:
            true
        case .contentType, .contentRange, .xContentHash, .date, .xDate, .location, .retryAfter: true
        case .idempotencyKey, .traceparent, .xCorrelationID, .xCallbackURL, .xClientID, .xOriginCountry: true
        case .webhookID, .webhookTimestamp, .webhookSignature: true
        case .fspiopSource, .fspiopDestination, .fspiopSignature, .fspiopURI, .fspiopHTTPMethod: true
        default: false
        }
    }

    /// Who is asking; never logged, and never up to a sender to have removed.
    @inline(__always)
    package var isCredential: Bool {
        switch self {
        case .authorization, .proxyAuthorization, .cookie, .xUsername, .xPassword, .xUserCredential1,
            .xUserCredential2, .xUserBearer, .xAPIKey:
            true
        default: false
        }
    }

    /// `Connection` may not name it, and no trailer may carry it.
    var isProtectedFromConnection: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .expect: true
        default: isCredential
        }
    }

    /// May not come after the body: it frames, routes or authorises, or says whose the message is
    /// (RFC 9110 §6.5.1).
    var isForbiddenInTrailer: Bool {
        switch self {
        case .identity, .connection, .keepAlive, .proxyConnection, .te, .trailer, .upgrade, .http2Settings: true
        case .contentType, .contentEncoding, .contentRange, .idempotencyKey: true
        default: isProtectedFromConnection
        }
    }
}
