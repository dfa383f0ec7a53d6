// SPDX-License-Identifier: Apache-2.0
package import Base

/// An absolute URL of a partner's server: `https://HOST[:PORT][/PATH]` and nothing else.
package struct EndpointURL: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is not such a URL.
    package enum Flaw: String, Error, Hashable, Sendable {
        case scheme = "the URL must begin with https://"
        case userInfo = "the URL must not carry a user name or password"
        case query = "the URL must not have a query"
        case fragment = "the URL must not have a fragment"
        case host = "the host must be a DNS name in lower case or an address"
        case port = "the port must be 1 to 65535"
        case path = "the path may hold only characters a path may hold, with no empty, `.` or `..` segment"
    }

    /// A DNS name in lower case, or an address without brackets.
    package let host: String
    package let port: UInt16
    /// Empty, or begins with `/`; never ends with `/` unless it was written so.
    package let path: String

    /// The host, when it is an address.
    package var address: IPAddress? { IPAddress(host) }

    /// What goes into `Host`: brackets around IPv6, no port when it is 443.
    package var authority: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? host : "\(host):\(port)"
    }

    package var description: String { "https://\(authority)\(path)" }

    /// - Throws: the first ``Flaw``.
    package init(_ text: String) throws(Flaw) {
        guard text.hasPrefix("https://") else { throw .scheme }
        let rest = text.dropFirst("https://".count)
        guard !rest.contains("#") else { throw .fragment }
        guard !rest.contains("?") else { throw .query }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.contains("@") else { throw .userInfo }
        (host, port) = try Self.parse(authority: authority)
        path = String(rest[slash...])
        guard path.utf8.count <= 1024, path.isEmpty || RequestPath.isPlain(path) else { throw .path }
    }

    private static func parse(authority: Substring) throws(Flaw) -> (String, UInt16) {
        var host = authority
        var port: UInt16 = 443
        let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterBracket...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt16(digits), number > 0 else {
                throw .port
            }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(host.dropFirst().dropLast()), !address.isV4 else { throw .host }
            return (address.description, port)
        }
        if let address = IPAddress(host), address.isV4 { return (address.description, port) }
        guard DNSName.isValid(host) else { throw .host }
        return (String(host), port)
    }
}

/// Host names as this product writes them.
package enum DNSName {
    /// Lower-case letters, digits and hyphens in labels of 1 to 63, 253 in all, no trailing dot, not all digits
    /// at the end (RFC 1123 §2.1).
    package static func isValid(_ text: some StringProtocol) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") })
            else { return false }
        }
        return labels.last.map { !$0.allSatisfy(isDigit) } ?? false
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7a }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

/// Paths in URLs and routes.
package enum RequestPath {
    /// Begins with `/`; unreserved characters and sub-delimiters only (RFC 3986 §3.3), nothing percent-encoded,
    /// no empty segment but the last, no `.` or `..`.
    package static func isPlain(_ text: String) -> Bool {
        guard text.hasPrefix("/") else { return false }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            guard !segment.isEmpty || index == segments.count - 1, segment != ".", segment != "..",
                segment.utf8.allSatisfy(isPathCharacter)
            else { return false }
        }
        return true
    }

    private static func isPathCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~!$&'()*+,;=:@".utf8.contains(byte)
        }
    }
}
