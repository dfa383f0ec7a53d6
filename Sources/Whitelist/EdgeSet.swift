// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// The sets of table `inet eig`, each with an IPv4 and an IPv6 twin.
///
/// Whatever differs from host to host and from day to day is an element of one of them: the rules never
/// change while the program runs.
package enum EdgeSet: String, CaseIterable, Hashable, Sendable {
    /// Partners by address and port, in clear text.
    case partners = "p"
    /// Partners by address and port, out of a tunnel only.
    case tunnelled = "t"
    /// Internal networks by address and port.
    case internalNetwork = "i"
    /// Administrators by address and port.
    case management = "m"
    /// Where we call partners.
    case egress = "e"
    /// Backends.
    case backends = "b"
    /// What the host itself may reach.
    case hostReach = "h"
    /// The other ends of tunnels, with the protocols they speak to us in clear text.
    case tunnelPeers = "k"
    /// Networks behind tunnels: never in clear text, in or out.
    case tunnelNetworks = "x"
    /// Networks behind tunnels, each with the reqids of the connections that lead to it: what comes from it must have
    /// been decrypted by a state of one of them.
    case tunnelStates = "r"

    package func set(_ family: ElementSet.Family) -> ElementSet {
        let name = rawValue + (family == .v4 ? "4" : "6")
        switch self {
        case .partners, .tunnelled, .egress: return ElementSet(name, family: family, isMap: true)
        case .internalNetwork, .management, .backends, .hostReach: return ElementSet(name, family: family)
        case .tunnelStates: return ElementSet(name, family: family, companion: .reqid)
        case .tunnelPeers, .tunnelNetworks: return ElementSet(name, family: family, companion: .protocolNumber)
        }
    }

    /// All of them, in both families.
    package static var all: [ElementSet] {
        allCases.flatMap { set in ElementSet.Family.allCases.map { set.set($0) } }
    }
}
