// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

@Suite("A field name")
struct KnownFieldTests {
    static let named = KnownField.allCases.filter { $0 != .other && $0 != .identity }

    /// What the parser and what the lenient look-up make of a name.
    static func recognised(_ name: String) -> (parsed: KnownField?, lenient: KnownField) {
        let bytes = Array(name.utf8)
        let lenient = FieldPolicy.known(bytes.span)
        // As a response, where no name is refused for itself but for framing that conflicts.
        guard case .value(let head) = parseResponse(Array("HTTP/1.1 200 OK\r\n\(name): 1\r\n\r\n".utf8)) else {
            return (nil, lenient)
        }
        return (head.fields[0].known, lenient)
    }

    @Test("is known in any case, and by itself only", arguments: named)
    func known(_ field: KnownField) {
        let name = "\(field.name)"
        let mixed = String(
            name.enumerated().map { $0.offset % 2 == 0 ? Character($0.element.uppercased()) : $0.element }
        )
        for spelling in [name, name.uppercased(), mixed] {
            let got = Self.recognised(spelling)
            // "transfer-encoding: 1" is no coding; everything else parses.
            #expect(got.parsed == field || field == .transferEncoding, "\(spelling)")
            #expect(got.lenient == field, "\(spelling)")
        }
        for index in name.indices {
            var wrong = name
            wrong.replaceSubrange(index...index, with: name[index] == "q" ? "z" : "q")
            #expect(Self.recognised(wrong).lenient != field, "\(wrong)")
        }
        for wrong in [name + "x", "x" + name, String(name.dropLast())] {
            #expect(Self.recognised(wrong).lenient != field, "\(wrong)")
        }
    }

    @Test("is in the set of its bits")
    func setOfAll() {
        #expect(KnownField.allCases.allSatisfy { $0.rawValue < 64 })
        let some = FieldSet([.host, .fspiopHTTPMethod])
        for field in KnownField.allCases {
            #expect(some.contains(field) == [.host, .fspiopHTTPMethod].contains(field))
        }
    }

    static func isIdentity(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return FieldPolicy.isIdentity(bytes.span)
    }

    static let identities = [
        "X-EIG-Partner", "X-EIG-Request-Id", "x-eig-anything", "X-EIG-", "X_EIG_Partner", "x-EIG_partner",
        "Client-Cert", "Client-Cert-Chain", "client_cert", "X-Client-Cert", "X-Client-Verify", "X-Client-DN",
        "X-SSL-Client-CN", "SSL-Client-Cert", "ssl_client_verify", "X-TLS-Subject", "X-Amzn-Mtls-Clientcert",
        "Forwarded", "FORWARDED", "X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X_Forwarded_Proto",
        "X-Forwarded-Client-Cert", "X-Real-IP", "x_real_ip", "True-Client-IP", "X-Client-IP",
        "X-Cluster-Client-IP", "CF-Connecting-IP", "X-Envoy-External-Address", "X-Remote-User", "Remote-User",
        "X-Authenticated-User", "X-Auth-Request-Email", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Host", "Proxy",
    ]

    @Test("that claims an identity is one of the family, in any spelling", arguments: identities)
    func identity(_ name: String) {
        #expect(Self.isIdentity(name))
        #expect(Self.isIdentity(name.uppercased()))
        if !name.contains("_") { #expect(Self.recognised(name).parsed == .identity) }
    }

    static let harmless = [
        "X-Client-Id", "X-Origincountry", "X-Username", "X-EI", "X-E-I-G", "Forward", "Forwards", "Client-Id",
        "X-Forwar", "X-Real", "X-Really-Important", "Proxy-Status", "Proxies", "SSL", "True", "X-Http", "X-Hosts",
        "Accept", "User-Agent", "Cache-Control", "X-Request-Id", "X-Correlation-Id", "Remote", "X",
    ]

    @Test("that does not stays what it is", arguments: harmless)
    func noIdentity(_ name: String) {
        #expect(!Self.isIdentity(name))
        #expect(Self.recognised(name).parsed != .identity)
    }

    @Test("at the very end of the bytes is known like any other", arguments: named)
    func atTheEnd(_ field: KnownField) {
        guard field != .transferEncoding else { return }
        let text = "HTTP/1.1 200\r\n\(field.name):1\r\n\r\n"
        guard case .value(let head) = parseResponse(Array(text.utf8)) else {
            Issue.record("refused")
            return
        }
        #expect(head.fields[0].known == field)
    }
}
