// SPDX-License-Identifier: Apache-2.0

/// Connection marks that are nobody's partner: the top bit is set, a partner's is never.
package enum ReservedMark: UInt32, CaseIterable, Hashable, Sendable {
    /// An administrator's connection to the jump server or to ssh.
    case management = 0x8000_0001
    /// A backend's, to or from eigd.
    case internalNetwork = 0x8000_0002
    /// IKE and ESP with a tunnel's other end.
    case tunnel = 0x8000_0003
    /// The host's own: names, time, addresses.
    case host = 0x8000_0004
}
