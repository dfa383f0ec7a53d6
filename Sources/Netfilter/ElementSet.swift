// SPDX-License-Identifier: Apache-2.0
package import Base

/// The definition of a set of address ranges, or of a map from them to marks.
package struct ElementSet: Hashable, Sendable {
    package enum Family: Hashable, Sendable, CaseIterable {
        case v4
        case v6
    }

    /// What follows the address in the key.
    package enum Companion: Hashable, Sendable {
        case port
        case protocolNumber
        /// The number of an IPsec state, its reqid.
        case reqid
    }

    package var name: String
    package var family: Family
    package var companion: Companion
    /// Whether an element carries a connection mark.
    package var isMap: Bool

    package init(_ name: String, family: Family, companion: Companion = .port, isMap: Bool = false) {
        self.name = name
        self.family = family
        self.companion = companion
        self.isMap = isMap
    }
}

/// One element: a range of addresses with a range of ports, protocol numbers or reqids.
///
/// Equal when key and mark are; what the kernel counted and how it is labelled are not part of it.
package struct Element: Hashable, Sendable {
    package var first: IPAddress
    package var last: IPAddress
    package var companion: ClosedRange<UInt16>
    package var mark: UInt32?

    /// - Precondition: `first` and `last` are of one family, in order.
    package init(first: IPAddress, last: IPAddress, companion: ClosedRange<UInt16>, mark: UInt32? = nil) {
        invariant(first <= last && first.bitWidth == last.bitWidth, "an address range that is none")
        self.first = first
        self.last = last
        self.companion = companion
        self.mark = mark
    }

    package init(_ prefix: IPPrefix, port: UInt16, mark: UInt32? = nil) {
        self.init(first: prefix.address, last: prefix.last, companion: port...port, mark: mark)
    }

    package var family: ElementSet.Family { first.isV4 ? .v4 : .v6 }

    /// The addresses as one network, when they are one.
    package var prefix: IPPrefix? {
        (0...first.bitWidth).lazy.compactMap { IPPrefix(first, bitCount: $0) }.first { $0.last == last }
    }
}

extension Element: CustomStringConvertible, Comparable {
    /// As `nft` writes it: `203.0.113.0-203.0.113.255 . 8443 : 0x65`.
    package var description: String {
        let addresses = first == last ? "\(first)" : "\(first)-\(last)"
        let low = companion.lowerBound
        let companions = companion.count == 1 ? "\(low)" : "\(low)-\(companion.upperBound)"
        return "\(addresses) . \(companions)" + (mark.map { " : 0x" + String($0, radix: 16) } ?? "")
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.first != right.first { return left.first < right.first }
        if left.companion.lowerBound != right.companion.lowerBound {
            return left.companion.lowerBound < right.companion.lowerBound
        }
        if left.last != right.last { return left.last < right.last }
        return (left.companion.upperBound, left.mark ?? 0) < (right.companion.upperBound, right.mark ?? 0)
    }
}

/// Packets and bytes the kernel counted.
package struct Tally: Hashable, Sendable {
    package var packets: UInt64
    package var bytes: UInt64

    package init(packets: UInt64 = 0, bytes: UInt64 = 0) {
        self.packets = packets
        self.bytes = bytes
    }

    package static func + (left: Tally, right: Tally) -> Tally {
        Tally(packets: left.packets &+ right.packets, bytes: left.bytes &+ right.bytes)
    }
}
