// SPDX-License-Identifier: Apache-2.0

/// A field name this program treats in its own way; recognised in any case while parsing.
///
/// At most 64, so that a set of them is one word (``FieldSet``).
@usableFromInline package enum KnownField: UInt8, CaseIterable, Hashable, Sendable {
    /// A name nobody here cares about; passed on as it is.
    case other
    /// A name by which a sender could claim to be somebody, or to have asked for something else:
    /// `X-EIG-*`, `Client-Cert*`, `Forwarded`, `X-Forwarded-*`, `X-Real-IP` and their like (``FieldPolicy``).
    case identity

    // Framing, routing and the connection itself.
    case host
    case contentLength
    case transferEncoding
    case connection
    case keepAlive
    case proxyConnection
    case te
    case trailer
    case upgrade
    case http2Settings
    case expect

    // Credentials.
    case authorization
    case proxyAuthorization
    case proxyAuthenticate
    case cookie
    case xUsername
    case xPassword
    case xUserCredential1
    case xUserCredential2
    case xUserBearer
    case xAPIKey

    // Content.
    case contentType
    case contentEncoding
    case contentRange
    case contentDigest
    case xContentHash
    case date
    case xDate
    case location
    case retryAfter
    case server
    case setCookie
    case via
    case userAgent

    // Correlation, signatures, tracing.
    case idempotencyKey
    case traceparent
    case tracestate
    case signature
    case signatureInput
    case xCorrelationID
    case xCallbackURL
    case xClientID
    case xOriginCountry
    case webhookID
    case webhookTimestamp
    case webhookSignature
    case fspiopSource
    case fspiopDestination
    case fspiopSignature
    case fspiopURI
    case fspiopHTTPMethod

    /// The name in lower case; empty for ``other`` and ``identity``, which stand for many.
    package var name: StaticString {
        switch self {
        case .other, .identity: ""
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .http2Settings: "http2-settings"
        case .expect: "expect"
        case .authorization: "authorization"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticate: "proxy-authenticate"
        case .cookie: "cookie"
        case .xUsername: "x-username"
        case .xPassword: "x-password"
        case .xUserCredential1: "x-user-credential-1"
        case .xUserCredential2: "x-user-credential-2"
        case .xUserBearer: "x-user-bearer"
        case .xAPIKey: "x-api-key"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .contentRange: "content-range"
        case .contentDigest: "content-digest"
        case .xContentHash: "x-content-hash"
        case .date: "date"
        case .xDate: "x-date"
        case .location: "location"
        case .retryAfter: "retry-after"
        case .server: "server"
        case .setCookie: "set-cookie"
        case .via: "via"
        case .userAgent: "user-agent"
        case .idempotencyKey: "idempotency-key"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        case .signature: "signature"
        case .signatureInput: "signature-input"
        case .xCorrelationID: "x-correlationid"
        case .xCallbackURL: "x-callback-url"
        case .xClientID: "x-client-id"
        case .xOriginCountry: "x-origincountry"
        case .webhookID: "webhook-id"
        case .webhookTimestamp: "webhook-timestamp"
        case .webhookSignature: "webhook-signature"
        case .fspiopSource: "fspiop-source"
        case .fspiopDestination: "fspiop-destination"
        case .fspiopSignature: "fspiop-signature"
        case .fspiopURI: "fspiop-uri"
        case .fspiopHTTPMethod: "fspiop-http-method"
        }
    }
}
