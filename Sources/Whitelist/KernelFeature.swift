// SPDX-License-Identifier: Apache-2.0
internal import Netfilter

/// What a kernel may lack; everything else is in every kernel since Linux 5.10.
package enum KernelFeature: String, CaseIterable, Hashable, Sendable {
    /// A table that outlives its owner (Linux 6.9).
    case persistentOwner = "persistent-owner"
    /// A table only its owner can change (Linux 5.12).
    case owner
    /// Telling a packet that came through IPsec (`meta ipsec`, CONFIG_XFRM).
    case tunnelInbound = "tunnel-inbound"
    /// Telling which IPsec state a packet came through (`ipsec in reqid`, CONFIG_NFT_XFRM).
    case tunnelState = "tunnel-state"
    /// Telling a packet that will leave through IPsec (`rt ipsec`, CONFIG_XFRM).
    case tunnelOutbound = "tunnel-outbound"
    /// Reverse path lookups (`fib`).
    case reversePath = "reverse-path"
    /// Logging to a netlink group.
    case log

    /// What is lost without it, for operators.
    package var loss: String {
        switch self {
        case .persistentOwner: "unless systemd keeps its socket, partners cannot connect while the enforcer restarts"
        case .owner: "any program with CAP_NET_ADMIN can change the allow-list"
        case .tunnelInbound: "entries with `via` are left out: the kernel cannot tell what came through a tunnel"
        case .tunnelState: "only IPsec itself keeps one partner's tunnel from carrying another's addresses"
        case .tunnelOutbound: "the kernel cannot refuse clear text to networks behind tunnels"
        case .reversePath: "packets with forged sources are not dropped by route"
        case .log: "refused packets are counted but not logged"
        }
    }
}

extension Set<KernelFeature> {
    /// The strongest ownership a table can have here.
    var ownership: Table.Ownership {
        contains(.owner) ? (contains(.persistentOwner) ? .ownerThenAnyone : .owner) : .anyone
    }

    /// The feature whose lack explains that the kernel refused `change`, if any.
    func missing(for change: Change) -> KernelFeature? {
        switch change {
        case .createTable(_, .ownerThenAnyone): .persistentOwner
        case .createTable(_, .owner): .owner
        case .appendRule(let rule, _, _): rule.statements.compactMap(\.feature).first { contains($0) }
        default: nil
        }
    }
}

extension Statement {
    var feature: KernelFeature? {
        switch self {
        case .wasDecrypted: .tunnelInbound
        case .wasDecryptedBy: .tunnelState
        case .willBeEncrypted: .tunnelOutbound
        case .noReturnPath: .reversePath
        case .log: .log
        default: nil
        }
    }
}
