// SPDX-License-Identifier: Apache-2.0

/// The version of the installed Libreswan, as `ipsec --version` says it.
package struct LibreswanVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    /// 0 when the version has two numbers.
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `Linux Libreswan 4.10 (netkey) on …` and `Libreswan 5.3.2`; nothing when there is no such number.
    package init?(_ text: String) {
        guard let word = text.split(whereSeparator: \.isWhitespace).drop(while: { $0 != "Libreswan" }).dropFirst().first
        else { return nil }
        let parts = word.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix(while: \.isNumber)) else {
            return nil
        }
        let isThreefold = parts.count > 2 && parts[1].allSatisfy(\.isNumber)
        self.init(major, minor, isThreefold ? Int(parts[2].prefix(while: \.isNumber)) ?? 0 : 0)
    }

    package var description: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
