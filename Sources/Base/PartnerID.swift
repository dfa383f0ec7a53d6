// SPDX-License-Identifier: Apache-2.0

/// The short name of one partner, safe in file names, nftables, Libreswan, logs and headers.
package struct PartnerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Accepts `[a-z][a-z0-9_]{0,31}` and nothing else.
    package init?(_ rawValue: String) {
        var isFirst = true
        guard (1...32).contains(rawValue.utf8.count) else { return nil }
        for byte in rawValue.utf8 {
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            let isTail = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            guard isLetter || (!isFirst && isTail) else { return nil }
            isFirst = false
        }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The partner's number in the kernel: the conntrack mark of its connections.
    ///
    /// FNV-1a of the name folded to 31 bits, so that it never changes while other partners come and
    /// go; never 0. Two partners with one mark are refused when the partner files are checked.
    package var mark: UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in rawValue.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let folded = hash & 0x7fff_ffff
        return folded == 0 ? 1 : folded
    }
}
