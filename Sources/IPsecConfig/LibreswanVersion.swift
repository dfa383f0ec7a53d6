// SPDX-License-Identifier: Apache-2.0

/// The version of the installed Libreswan, as `ipsec --version` says it.
package struct LibreswanVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `Linux Libreswan 4.10 (netkey) on …` and `Libreswan 5.1`; nothing when there is no such number.
    package init?(_ text: String) {
        guard let word = text.split(whereSeparator: \.isWhitespace).drop(while: { $0 != "Libreswan" }).dropFirst().first
        else { return nil }
        let parts = word.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix(while: \.isNumber)) else {
            return nil
        }
        self.init(major, minor)
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
