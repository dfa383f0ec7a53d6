// SPDX-License-Identifier: Apache-2.0
internal import Base

/// An `http` or `https` URL as far as the simulators need it: scheme, host, port, path and query.
package struct Location: Hashable, Sendable, CustomStringConvertible {
    package let isTLS: Bool
    package let host: String
    package let port: UInt16
    /// Path and query as they go into the request line; starts with a slash.
    package let target: String

    package init?(_ text: String) {
        let rest: Substring
        if text.hasPrefix("https://") {
            (isTLS, rest) = (true, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (isTLS, rest) = (false, text.dropFirst(7))
        } else {
            return nil
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        target = slash == rest.endIndex ? "/" : String(rest[slash...])
        let portStart = authority.hasPrefix("[") ? authority.range(of: "]:") : authority.range(of: ":")
        if let portStart {
            guard let port = UInt16(authority[portStart.upperBound...]) else { return nil }
            self.port = port
            host = String(authority[..<portStart.lowerBound].drop { $0 == "[" })
        } else {
            port = isTLS ? 443 : 80
            host = String(authority.filter { $0 != "[" && $0 != "]" })
        }
        guard !host.isEmpty, port > 0, target.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
    }

    private init(_ base: Location, target: String) {
        (isTLS, host, port) = (base.isTLS, base.host, base.port)
        self.target = target
    }

    /// The same server, another path and query.
    package func at(_ target: String) -> Location { Location(self, target: target) }

    /// The host as the `Host` field and the URL spell it.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isTLS ? 443 : 80) ? name : "\(name):\(port)"
    }

    package var description: String { "\(isTLS ? "https" : "http")://\(authority)\(target)" }
}

extension Substring {
    /// The first place of a short ASCII pattern.
    fileprivate func range(of pattern: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            start = index(after: start)
        }
        return nil
    }
}
