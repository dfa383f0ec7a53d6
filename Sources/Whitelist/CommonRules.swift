// SPDX-License-Identifier: Apache-2.0
internal import Netfilter

/// Rules both tables have: what every host must let in to work at all.
enum CommonRules {
    static let icmpJumps = [
        Rule("ICMP", [.family(.v4), .transport(.icmp), .goTo("icmp4")]),
        Rule("ICMP", [.family(.v6), .transport(.icmpV6), .goTo("icmp6")]),
    ]

    /// What belongs into a tunnel and did not come out of one; before every rule that accepts, for ICMP and answers
    /// are packets, too.
    static func clearText(counting counter: String, _ features: Set<KernelFeature>) -> [Rule] {
        guard features.contains(.tunnelInbound) else { return [] }
        return tunnelNetworks("tunnel in clear text", .source, .wasDecrypted(false), counter)
    }

    /// What came out of a tunnel that does not lead to where it says it is from.
    static func wrongTunnel(counting counter: String, _ features: Set<KernelFeature>) -> [Rule] {
        guard features.isSuperset(of: [.tunnelInbound, .tunnelState]) else { return [] }
        return ElementSet.Family.allCases.map { family in
            let networks = Statement.within(.init(family, .source, nil), set: EdgeSet.tunnelNetworks.set(family).name)
            let states = EdgeSet.tunnelStates.set(family).name
            let isForeign = Statement.wasDecryptedBy(family, set: states, false)
            return Rule("another's tunnel", [.family(family), networks, isForeign, .count(counter), .drop])
        }
    }

    /// What belongs into a tunnel and would leave beside it; before every rule that accepts.
    static func leaks(counting counter: String, _ features: Set<KernelFeature>) -> [Rule] {
        guard features.contains(.tunnelOutbound) else { return [] }
        return tunnelNetworks("would leave in clear text", .destination, .willBeEncrypted(false), counter)
    }

    private static func tunnelNetworks(
        _ comment: String,
        _ address: Statement.Key.Address,
        _ isClear: Statement,
        _ counter: String
    ) -> [Rule] {
        ElementSet.Family.allCases.map { family in
            let set = EdgeSet.tunnelNetworks.set(family).name
            let key = Statement.Key(family, address, nil)
            return Rule(comment, [.family(family), .within(key, set: set), isClear, .count(counter), .drop])
        }
    }

    /// Errors about known connections, a bounded number of echo requests, and for IPv6 what RFC 4890 §4.4
    /// says must not be dropped: neighbour discovery, router advertisements, multicast listener queries.
    static func icmpChains(counting counter: String) -> [Chain] {
        let known = Rule("of known connections", [.connection([.established, .related]), .accept])
        let closed = Rule("closed", [.count(counter), .drop])
        let limit = Statement.atMost(perSecond: 50, burst: 100)
        let echo = Rule("echo", [.transport(.icmp), .icmpType(8), limit, .accept])
        let echoV6 = Rule("echo", [.transport(.icmpV6), .icmpType(128), limit, .accept])
        let discovery = [UInt8(130), 134, 135, 136].map { type in
            Rule("discovery", [.transport(.icmpV6), .icmpType(type), .accept])
        }
        return [
            Chain("icmp4", rules: [known, echo, closed]),
            Chain("icmp6", rules: [known] + discovery + [echoV6, closed]),
        ]
    }

    /// Hop-by-hop, routing and destination options headers carry nothing a payment needs (RFC 9288 §3);
    /// fragments are put together before we see them. A v4-mapped address is never seen on a wire.
    static func hostileIPv6(counting counter: String) -> [Rule] {
        let end = [Statement.count(counter), .drop]
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        return [UInt8(0), 43, 60].map { Rule("extension header", [.family(.v6), .extensionHeader($0)] + end) }
            + [Rule("v4-mapped", [.family(.v6), .sourcePrefixV6(mapped)] + end)]
    }

    /// DHCPv6 answers come from a link-local address to a question that went to a multicast one, so
    /// connection tracking does not know them. DHCPv4 does not pass this way when it matters.
    static let addressAssignment = [
        Rule(
            "DHCPv6",
            [
                .family(.v6), .sourcePrefixV6([0xfe, 0x80]), .transport(.udp), .port(.destination, 546), .accept,
            ]
        )
    ]
}
