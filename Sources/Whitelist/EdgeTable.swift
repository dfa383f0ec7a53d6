// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// Table `inet eig`: who may talk to this host, decided for each packet by the sets of ``EdgeSet``.
///
/// Each packet is looked up, not only each new connection: an entry that goes takes its connections
/// with it in the same transaction, whatever connection tracking believes. A packet that is accepted marks
/// its connection with its partner; the mark names the partner to `conntrack`, lets the lock-down table
/// keep established connections while the enforcer restarts, and earns a reset, not silence, when the
/// permission is gone.
package struct EdgeTable {
    package static let name = "eig"

    /// Why a packet was dropped; each is a named counter.
    package enum Drop: String, CaseIterable, Hashable, Sendable {
        /// From an address that is not allow-listed.
        case strangers
        /// Of a connection whose permission was taken away.
        case cut
        /// Of no connection and not the beginning of one.
        case invalid
        /// IPv6 extension headers nobody needs, and v4-mapped addresses.
        case malformed
        /// From an address that is not reached through the interface it came by.
        case spoofed
        /// From a network behind a tunnel, but not through a tunnel.
        case clearText = "clear_text"
        /// From a network behind a tunnel, through a tunnel that does not lead there.
        case wrongTunnel = "wrong_tunnel"
        /// To a network behind a tunnel that would have left in clear text.
        case leaks
        /// ICMP that nobody needs, or too much of it.
        case icmp
        /// From this host to where it has no business.
        case egress
        /// To be passed on to another host: this host is no router.
        case forwarded
    }

    package static func table(_ features: Set<KernelFeature>) -> Table {
        Table(
            name: name,
            ownership: features.ownership,
            counters: Drop.allCases.map(\.rawValue),
            sets: EdgeSet.all,
            chains: [
                Chain("input", hook: .init(.input, priority: 0, dropsByDefault: true), rules: input(features)),
                Chain("output", hook: .init(.output, priority: 0, dropsByDefault: true), rules: output(features)),
                Chain(
                    "forward",
                    hook: .init(.forward, priority: 0, dropsByDefault: true),
                    rules: [Rule("not a router", [.count(Drop.forwarded.rawValue), .drop])]
                ),
            ] + CommonRules.icmpChains(counting: Drop.icmp.rawValue)
        )
    }

    private static func input(_ features: Set<KernelFeature>) -> [Rule] {
        var rules = [Rule("loopback", [.arrives(onInterface: "lo"), .accept])]
        rules += CommonRules.clearText(counting: Drop.clearText.rawValue, features)
        rules += CommonRules.wrongTunnel(counting: Drop.wrongTunnel.rawValue, features)
        rules += [
            Rule("broken connections", [.connection([.invalid]), .count(Drop.invalid.rawValue), .drop])
        ]
        rules += CommonRules.icmpJumps + CommonRules.hostileIPv6(counting: Drop.malformed.rawValue)
        rules += CommonRules.addressAssignment
        if features.contains(.reversePath) {
            rules.append(Rule("forged source", [.noReturnPath, .count(Drop.spoofed.rawValue), .drop]))
        }
        rules += twins { permits(family: $0, .source, .destination, opens: [], features) }
        rules += twins { family in
            let key = Statement.Key(family, .source, nil)
            return tunnelPeers(family, key, port: .destination)
        }
        rules += [
            Rule("answers", [.isReply, .connection([.established]), .accept]),
            Rule("permission gone", [.hasMark, .transport(.tcp), .count(Drop.cut.rawValue), .reset]),
            Rule("noise", [.linkLayer(.broadcast), .drop]),
            Rule("noise", [.linkLayer(.multicast), .drop]),
            Rule("strangers", [.count(Drop.strangers.rawValue)]),
        ]
        if features.contains(.log) {
            rules.append(Rule("strangers", [.atMost(perSecond: 10, burst: 20), .log(prefix: "eig-in ", group: 5)]))
        }
        return rules + [Rule("closed", [.drop])]
    }

    private static func output(_ features: Set<KernelFeature>) -> [Rule] {
        var rules = [Rule("loopback", [.leaves(byInterface: "lo"), .accept])]
        rules += CommonRules.leaks(counting: Drop.leaks.rawValue, features)
        rules += [
            Rule("ICMP", [.family(.v4), .transport(.icmp), .accept]),
            Rule("ICMP", [.family(.v6), .transport(.icmpV6), .accept]),
        ]
        rules += twins { permits(family: $0, .destination, .source, opens: [.tcpOpens(false)], features) }
        // What closes a connection may go out after its permission did.
        rules.append(Rule("resets", [.hasMark, .transport(.tcp), .tcpResets, .accept]))
        rules += twins { egress($0) }
        rules += twins { family in
            let key = Statement.Key(family, .destination, nil)
            return tunnelPeers(family, key, port: .source)
        }
        rules += hostServices
        rules += [
            Rule("permission gone", [.hasMark, .transport(.tcp), .count(Drop.cut.rawValue), .reset]),
            Rule("egress", [.count(Drop.egress.rawValue)]),
        ]
        if features.contains(.log) {
            rules.append(Rule("egress", [.atMost(perSecond: 10, burst: 20), .log(prefix: "eig-out ", group: 5)]))
        }
        return rules + [Rule("closed", [.drop])]
    }
}

extension EdgeTable {
    private static func twins(_ make: (ElementSet.Family) -> [Rule]) -> [Rule] {
        ElementSet.Family.allCases.flatMap(make)
    }

    /// The packets of connections others open to us, in one direction.
    private static func permits(
        family: ElementSet.Family,
        _ address: Statement.Key.Address,
        _ port: Statement.PortField,
        opens: [Statement],
        _ features: Set<KernelFeature>
    ) -> [Rule] {
        let key = Statement.Key(family, address, port)
        let start = [Statement.family(family), .transport(.tcp)] + opens
        let name = { (set: EdgeSet) in set.set(family).name }
        var rules = [Rule("partners", start + [.markFrom(key, map: name(.partners)), .accept])]
        if features.contains(.tunnelInbound) {
            let through: [Statement] = address == .source ? [.wasDecrypted(true)] : []
            let rule = start + through + [.markFrom(key, map: name(.tunnelled)), .accept]
            rules.append(Rule("partners by tunnel", rule))
        }
        for (set, mark) in [(EdgeSet.internalNetwork, ReservedMark.internalNetwork), (.management, .management)] {
            let rule = start + [.within(key, set: name(set)), .mark(mark.rawValue), .accept]
            rules.append(Rule(set == .management ? "management" : "internal network", rule))
        }
        return rules
    }

    /// The packets of connections we open.
    private static func egress(_ family: ElementSet.Family) -> [Rule] {
        let key = Statement.Key(family, .destination, .destination)
        let start = [Statement.family(family), .transport(.tcp)]
        let name = { (set: EdgeSet) in set.set(family).name }
        return [
            Rule("to partners", start + [.markFrom(key, map: name(.egress)), .accept]),
            Rule(
                "to backends",
                start + [
                    .within(key, set: name(.backends)), .mark(ReservedMark.internalNetwork.rawValue), .accept,
                ]
            ),
        ]
            + [Statement.TransportProtocol.tcp, .udp].map { transport in
                let end = [Statement.within(key, set: name(.hostReach)), .mark(ReservedMark.host.rawValue), .accept]
                return Rule("to where the host may", [.family(family), .transport(transport)] + end)
            }
    }

    /// IKE (with and without NAT traversal) and ESP.
    private static func tunnelPeers(
        _ family: ElementSet.Family,
        _ key: Statement.Key,
        port: Statement.PortField
    ) -> [Rule] {
        let start = [Statement.family(family), .within(key, set: EdgeSet.tunnelPeers.set(family).name)]
        let end = [Statement.mark(ReservedMark.tunnel.rawValue), .accept]
        return [UInt16(500), 4500].map { Rule("IKE", start + [.transport(.udp), .port(port, $0)] + end) }
            + [Rule("ESP", start + [.transport(.esp)] + end)]
    }

    /// Names, time and addresses: every host needs them.
    private static var hostServices: [Rule] {
        let services: [(String, Statement.TransportProtocol, UInt16)] = [
            ("DNS", .udp, 53), ("DNS", .tcp, 53), ("NTP", .udp, 123), ("DHCP", .udp, 67), ("DHCPv6", .udp, 547),
        ]
        return services.map { name, transport, port in
            let mark = Statement.mark(ReservedMark.host.rawValue)
            return Rule(name, [.transport(transport), .port(.destination, port), mark, .accept])
        }
    }
}
