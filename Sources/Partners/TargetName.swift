// SPDX-License-Identifier: Apache-2.0

/// A target by its name, at one of its ports or, without one, at all of them: `eig-01:22`, `txn-db`.
package struct TargetName: Hashable, Sendable, CustomStringConvertible {
    package let target: String
    package let port: UInt16?

    package init(target: String, port: UInt16? = nil) {
        self.target = target
        self.port = port
    }

    /// Nothing but `NAME` or `NAME:PORT`; an address is neither.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), Self.isTarget(String(parts[0])) else { return nil }
        target = String(parts[0])
        if parts.count == 1 {
            port = nil
        } else {
            guard let number = UInt16(parts[1]), number > 0, String(number) == parts[1] else { return nil }
            port = number
        }
    }

    package var description: String { port.map { "\(target):\($0)" } ?? target }

    /// Whether `other` leads nowhere else than this.
    package func covers(_ other: TargetName) -> Bool {
        target == other.target && (port == nil || port == other.port)
    }

    /// `[a-z][a-z0-9-]{0,62}`, not ending in `-`: one label of a host name (RFC 1123 §2.1).
    package static func isTarget(_ text: String) -> Bool {
        guard !text.contains("."), let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
        return DNSName.isValid(text)
    }
}

extension TargetName: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.target, left.port ?? 0) < (right.target, right.port ?? 0)
    }
}
