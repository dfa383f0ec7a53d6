// SPDX-License-Identifier: Apache-2.0

/// A network in canonical form: every bit past the prefix is zero.
package struct IPPrefix: Hashable, Sendable {
    package let address: IPAddress
    /// 0...32 for IPv4, 0...128 for IPv6.
    package let bitCount: Int

    /// Fails on too many bits and on host bits set: `10.0.0.1/24` is a mistake, not a network.
    package init?(_ address: IPAddress, bitCount: Int) {
        guard (0...address.bitWidth).contains(bitCount), address.masked(to: bitCount) == address else { return nil }
        self.address = address
        self.bitCount = bitCount
    }

    /// One address.
    package init(_ address: IPAddress) {
        self.address = address
        bitCount = address.bitWidth
    }

    /// Parses `ADDRESS` or `ADDRESS/BITS`; the same refusals as ``init(_:bitCount:)``.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        switch parts.count {
        case 1: self.init(address)
        case 2:
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                digits.count == 1 || digits.first != 0x30, let bitCount = Int(parts[1])
            else { return nil }
            self.init(address, bitCount: bitCount)
        default: return nil
        }
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.bitWidth == address.bitWidth && other.masked(to: bitCount) == address
    }

    package func contains(_ other: IPPrefix) -> Bool {
        other.bitCount >= bitCount && contains(other.address)
    }

    package func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

    /// The last address of the network.
    package var last: IPAddress { address.filled(after: bitCount) }
}

extension IPPrefix: CustomStringConvertible, Comparable {
    /// `ADDRESS` for a single address, `ADDRESS/BITS` otherwise.
    package var description: String {
        bitCount == address.bitWidth ? address.description : "\(address)/\(bitCount)"
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.address == right.address ? left.bitCount < right.bitCount : left.address < right.address
    }
}

extension IPAddress {
    /// The address with every bit past the first `bitCount` cleared.
    package func masked(to bitCount: Int) -> IPAddress {
        switch self {
        case .v4(let word): .v4(word & UInt32(truncatingIfNeeded: Self.mask(bitCount + 32)))
        case .v6(let high, let low):
            .v6(high: high & Self.mask(min(bitCount, 64)), low: low & Self.mask(max(bitCount - 64, 0)))
        }
    }

    /// The address with every bit past the first `bitCount` set.
    package func filled(after bitCount: Int) -> IPAddress {
        switch self {
        case .v4(let word): .v4(word | ~UInt32(truncatingIfNeeded: Self.mask(bitCount + 32)))
        case .v6(let high, let low):
            .v6(high: high | ~Self.mask(min(bitCount, 64)), low: low | ~Self.mask(max(bitCount - 64, 0)))
        }
    }

    /// A 64-bit word whose first `bitCount` bits are set.
    private static func mask(_ bitCount: Int) -> UInt64 { bitCount == 0 ? 0 : ~0 << UInt64(64 - bitCount) }
}
