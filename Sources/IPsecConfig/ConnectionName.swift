// SPDX-License-Identifier: Apache-2.0
package import Base

/// One tunnel of one partner.
package struct TunnelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var partner: PartnerID
    /// `name` of its `[[tunnel]]`.
    package var name: String

    package init(partner: PartnerID, name: String) {
        self.partner = partner
        self.name = name
    }

    package var description: String { "\(partner)/\(name)" }

    /// Whether the name is `[a-z][a-z0-9]{0,15}`, as partner files have it.
    var isPlain: Bool {
        guard (1...16).contains(name.utf8.count), let first = name.utf8.first, (0x61...0x7a).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.partner, left.name) < (right.partner, right.name)
    }
}

/// The generated name of one Libreswan connection, `p_<partner>_<tunnel>_s<number>`.
///
/// Libreswan 4.10 puts it into a shell command when a route is installed: nothing but `[a-z0-9_]`, at most 41
/// characters, and never a value of the partner's own choosing.
package struct ConnectionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var tunnel: TunnelID
    /// Which pair of networks of the tunnel, from 1; it stays with its pair while others come and go.
    package var number: Int

    package init(tunnel: TunnelID, number: Int) {
        self.tunnel = tunnel
        self.number = number
    }

    /// Takes apart what ``description`` wrote; nothing for any other text.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 41, text.hasPrefix("p_") else { return nil }
        let parts = text.dropFirst(2).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 3, let last = parts.last, last.hasPrefix("s"), let number = Int(last.dropFirst()),
            (1...256).contains(number),
            let partner = PartnerID(parts.dropLast(2).joined(separator: "_"))
        else { return nil }
        let tunnel = TunnelID(partner: partner, name: String(parts[parts.count - 2]))
        guard tunnel.isPlain else { return nil }
        self.init(tunnel: tunnel, number: number)
        guard description == text else { return nil }
    }

    package var description: String { "p_\(tunnel.partner)_\(tunnel.name)_s\(number)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.tunnel, left.number) < (right.tunnel, right.number)
    }
}
