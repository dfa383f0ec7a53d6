// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address.
///
/// A v4-mapped IPv6 address (`::ffff:0:0/96`) is never a value of its own: it reads as the IPv4 address
/// it carries, so one peer has one spelling.
package enum IPAddress: Hashable, Sendable {
    /// Host byte order.
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// The number of bits in an address of this family: 32 or 128.
    package var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    package var isV4: Bool { bitWidth == 32 }

    /// `0.0.0.0` or `::`: every address of a host (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2).
    package var isUnspecified: Bool { self == .v4(0) || self == .v6(high: 0, low: 0) }

    /// Folds a v4-mapped address to the IPv4 address inside it.
    package static func v6Folded(high: UInt64, low: UInt64) -> IPAddress {
        high == 0 && low >> 32 == 0xffff ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high: high, low: low)
    }

    /// The 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let word): (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - $0 * 8)) }
        case .v6(let high, let low):
            [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) } }
        }
    }

    /// Nothing unless there are 4 or 16 bytes, in network order.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self = .v6Folded(high: high, low: low)
        default: return nil
        }
    }

    /// Parses dotted decimal without leading zeros (RFC 6943 §3.1.1, strict), or RFC 4291 §2.2 text
    /// without a zone.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = Self.parseV6(bytes[...]) else { return nil }
            self = value
        } else {
            guard let word = Self.parseV4(bytes[...]) else { return nil }
            self = .v4(word)
        }
    }

    private static func parseV4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var word: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var octet: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard octet <= 255 else { return nil }
            word = word << 8 | octet
        }
        return word
    }

    private static func parseV6(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        // At most one "::"; each side is a list of groups, the last of which may be dotted decimal.
        var sides: [ArraySlice<UInt8>] = [bytes]
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: ":") {
                sides = [bytes[..<index], bytes[(index + 2)...]]
                break
            }
            index += 1
        }
        var groups: [[UInt16]] = []
        for (position, side) in sides.enumerated() {
            guard let list = parseGroups(side, mayEndInV4: position == sides.count - 1) else { return nil }
            groups.append(list)
        }
        let given = groups.reduce(0) { $0 + $1.count }
        guard sides.count == 1 ? given == 8 : given <= 7 else { return nil }
        let filled = groups[0] + Array(repeating: 0, count: 8 - given) + (groups.count > 1 ? groups[1] : [])
        let high = filled[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = filled[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return .v6Folded(high: high, low: low)
    }

    private static func parseGroups(_ bytes: ArraySlice<UInt8>, mayEndInV4: Bool) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (position, part) in parts.enumerated() {
            if mayEndInV4, position == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let word = parseV4(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: word >> 16), UInt16(truncatingIfNeeded: word)]
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = Hex.value(of: byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the canonical text of RFC 5952 §4.
    package var description: String {
        switch self {
        case .v4(let word):
            return (0..<4).map { String(word >> UInt32(24 - $0 * 8) & 255) }.joined(separator: ".")
        case .v6(let high, let low):
            let groups = [high, low].flatMap { word in (0..<4).map { word >> UInt64(48 - $0 * 16) & 0xffff } }
            var longest = 0..<0
            var start = 0
            while start < 8 {
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > max(longest.count, 1) { longest = start..<end }
                start = end + 1
            }
            let text = { (slice: ArraySlice<UInt64>) in slice.map { String($0, radix: 16) }.joined(separator: ":") }
            guard !longest.isEmpty else { return text(groups[...]) }
            return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
        }
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then numerically.
    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.v4(let left), .v4(let right)): left < right
        case (.v4, .v6): true
        case (.v6, .v4): false
        case (.v6(let leftHigh, let leftLow), .v6(let rightHigh, let rightLow)):
            (leftHigh, leftLow) < (rightHigh, rightLow)
        }
    }
}
