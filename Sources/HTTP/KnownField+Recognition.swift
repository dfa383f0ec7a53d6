// SPDX-License-Identifier: Apache-2.0
internal import Base

extension KnownField {
    /// The field with exactly this name, or the family it belongs to.
    @inline(__always)
    init(_ name: FoldedName) {
        self = Self.exactly(name)
        if self == .other, name.mayBeIdentity, name.isIdentity { self = .identity }
    }

    @inline(__always)
    private static func exactly(_ name: FoldedName) -> KnownField {
        if name.count <= 8 { return upToEight(name.count, name.first) }
        if name.count <= 16 { return upToSixteen(name.count, name.first, name.second) }
        return longer(name)
    }

    @inline(__always)
    private static func upToEight(_ count: Int, _ first: UInt64) -> KnownField {
        switch count {
        case 2: if first == "te" { return .te }
        case 3: if first == "via" { return .via }
        case 4:
            if first == "host" { return .host }
            if first == "date" { return .date }
        case 6:
            if first == "x-date" { return .xDate }
            if first == "expect" { return .expect }
            if first == "cookie" { return .cookie }
            if first == "server" { return .server }
        case 7:
            if first == "upgrade" { return .upgrade }
            if first == "trailer" { return .trailer }
        case 8: if first == "location" { return .location }
        default: break
        }
        return .other
    }

    @inline(__always)
    private static func upToSixteen(_ count: Int, _ first: UInt64, _ second: UInt64) -> KnownField {
        switch count {
        case 9:
            if first == "x-api-ke", second == "y" { return .xAPIKey }
            if first == "signatur", second == "e" { return .signature }
        case 10:
            if first == "connecti", second == "on" { return .connection }
            if first == "user-age", second == "nt" { return .userAgent }
            if first == "x-userna", second == "me" { return .xUsername }
            if first == "x-passwo", second == "rd" { return .xPassword }
            if first == "keep-ali", second == "ve" { return .keepAlive }
            if first == "set-cook", second == "ie" { return .setCookie }
            if first == "tracesta", second == "te" { return .tracestate }
            if first == "webhook-", second == "id" { return .webhookID }
            if first == "fspiop-u", second == "ri" { return .fspiopURI }
        case 11:
            if first == "tracepar", second == "ent" { return .traceparent }
            if first == "retry-af", second == "ter" { return .retryAfter }
            if first == "x-client", second == "-id" { return .xClientID }
        case 12: if first == "content-", second == "type" { return .contentType }
        case 13:
            if first == "authoriz", second == "ation" { return .authorization }
            if first == "content-", second == "range" { return .contentRange }
            if first == "x-user-b", second == "earer" { return .xUserBearer }
            if first == "fspiop-s", second == "ource" { return .fspiopSource }
        case 14:
            if first == "content-", second == "length" { return .contentLength }
            if first == "content-", second == "digest" { return .contentDigest }
            if first == "x-conten", second == "t-hash" { return .xContentHash }
            if first == "x-callba", second == "ck-url" { return .xCallbackURL }
            if first == "http2-se", second == "ttings" { return .http2Settings }
        case 15:
            if first == "idempote", second == "ncy-key" { return .idempotencyKey }
            if first == "x-correl", second == "ationid" { return .xCorrelationID }
            if first == "x-origin", second == "country" { return .xOriginCountry }
            if first == "signatur", second == "e-input" { return .signatureInput }
        case 16:
            if first == "content-", second == "encoding" { return .contentEncoding }
            if first == "proxy-co", second == "nnection" { return .proxyConnection }
            if first == "fspiop-s", second == "ignature" { return .fspiopSignature }
        default: break
        }
        return .other
    }

    @inline(never)
    private static func longer(_ name: FoldedName) -> KnownField {
        let (first, second, last) = (name.first, name.second, name.last)
        switch name.count {
        case 17:
            if first == "transfer", second == "-encodin", last == "encoding" { return .transferEncoding }
            if first == "webhook-", second == "timestam", last == "imestamp" { return .webhookTimestamp }
            if first == "webhook-", second == "signatur", last == "ignature" { return .webhookSignature }
        case 18:
            if first == "proxy-au", second == "thentica", last == "enticate" { return .proxyAuthenticate }
            if first == "fspiop-d", second == "estinati", last == "tination" { return .fspiopDestination }
            if first == "fspiop-h", second == "ttp-meth", last == "p-method" { return .fspiopHTTPMethod }
        case 19:
            if first == "proxy-au", second == "thorizat", last == "rization" { return .proxyAuthorization }
            if first == "x-user-c", second == "redentia", last == "ential-1" { return .xUserCredential1 }
            if first == "x-user-c", second == "redentia", last == "ential-2" { return .xUserCredential2 }
        default: break
        }
        return .other
    }
}
