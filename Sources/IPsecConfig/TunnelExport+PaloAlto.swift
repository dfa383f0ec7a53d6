// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension TunnelExport {
    /// `set` commands for configuration mode.
    ///
    /// A profile lists ciphers, hashes and groups apart and rekeys with one group, so only that one is there.
    func paloAlto() throws(Failure) -> [String] {
        let name = "edge-\(id.name)"
        let known: Set<Int> = [2, 5, 14, 15, 16, 19, 20, 21]
        let proposals = tunnel.ike.filter { known.contains($0.group.number) }
        guard let first = proposals.first else { throw .noCommonProposal(id, .paloalto, keyword: "ike") }
        let group = tunnel.esp[0].group ?? first.group
        guard known.contains(group.number) else { throw .noCommonProposal(id, .paloalto, keyword: "esp") }
        let offered = tunnel.esp[0].group == nil ? proposals.filter { $0.group == group } : proposals
        let list = { (words: [String]) in "[ \(Self.unique(words)) ]" }
        let ike = "network ike crypto-profiles ike-crypto-profiles \(name)"
        let ipsec = "network ike crypto-profiles ipsec-crypto-profiles \(name)"
        let hashes = tunnel.esp.compactMap { $0.hash?.plain }
        var settings = [
            "\(ike) encryption \(list(offered.map(\.cipher.paloAlto)))",
            "\(ike) hash \(list(offered.map(\.hash.plain)))",
            "\(ike) dh-group \(list(offered.map { "group\($0.group.number)" }))",
            "\(ike) lifetime seconds \(Self.seconds(tunnel.ikeLifetime))",
            "\(ipsec) esp encryption \(list(tunnel.esp.map(\.cipher.paloAlto)))",
            "\(ipsec) esp authentication \(hashes.isEmpty ? "none" : list(hashes))",
            "\(ipsec) dh-group group\(group.number)",
            "\(ipsec) lifetime seconds \(Self.seconds(tunnel.espLifetime))",
        ]
        settings += gateway(name) + tunnelSettings(name)
        return [""] + settings.map { "set \($0)" }
    }

    private func gateway(_ name: String) -> [String] {
        let gateway = "network ike gateway \(name)"
        var settings = [
            "\(gateway) protocol version ikev2", "\(gateway) protocol ikev2 ike-crypto-profile \(name)",
            "\(gateway) protocol ikev2 dpd enable yes",
            "\(gateway) protocol ikev2 dpd interval \(max(2, Self.seconds(tunnel.liveness)))",
            "\(gateway) protocol-common nat-traversal enable \(tunnel.encapsulation == .never ? "no" : "yes")",
            "\(gateway) local-address interface YOUR-OUTSIDE-INTERFACE",
            "\(gateway) peer-address ip \(ours.address)", "\(gateway) local-id type \(theirs.id.paloAlto)",
            "\(gateway) peer-id type \(ours.id.paloAlto)",
        ]
        if !theirs.address.isV4 { settings.append("\(gateway) ipv6 yes") }
        return settings
            + (hasCertificate
                ? [
                    "\(gateway) authentication certificate local-certificate name YOUR-CERTIFICATE",
                    "\(gateway) authentication certificate certificate-profile OUR-AUTHORITY",
                ] : ["\(gateway) authentication pre-shared-key key \(Self.keyPlaceholder)"])
    }

    private func tunnelSettings(_ name: String) -> [String] {
        let tunnel = "network tunnel ipsec \(name)"
        let proxy = theirs.subnet.address.isV4 ? "proxy-id" : "proxy-id-v6"
        var settings = [
            "\(tunnel) tunnel-interface YOUR-TUNNEL-INTERFACE", "\(tunnel) auto-key ike-gateway \(name)",
            "\(tunnel) auto-key ipsec-crypto-profile \(name)",
        ]
        for connection in connections {
            settings.append(
                "\(tunnel) auto-key \(proxy) s\(connection.name.number) local \(Self.network(connection.remote)) "
                    + "remote \(Self.network(connection.local)) protocol any"
            )
        }
        var routes: [String] = []
        for connection in connections {
            let family = connection.local.subnet.address.isV4 ? "ip" : "ipv6"
            let network = Self.network(connection.local)
            guard !routes.contains(where: { $0.contains(" \(network) ") }) else { continue }
            routes.append(
                "network virtual-router YOUR-ROUTER routing-table \(family) static-route \(name)-\(routes.count + 1) "
                    + "destination \(network) interface YOUR-TUNNEL-INTERFACE"
            )
        }
        return settings + routes
    }
}

extension TunnelCipher {
    fileprivate var paloAlto: String {
        switch self {
        case .aesGCM256: "aes-256-gcm"
        case .aesGCM128: "aes-128-gcm"
        case .aes256: "aes-256-cbc"
        case .aes192: "aes-192-cbc"
        case .aes128: "aes-128-cbc"
        case .tripleDES: rawValue
        }
    }
}

extension IKEIdentity {
    fileprivate var paloAlto: String {
        switch self {
        case .name(let name): "fqdn id \(name)"
        case .address(let address): "ipaddr id \(address)"
        case .email(let address): "ufqdn id \(address)"
        case .distinguishedName(let name): "dn id \"\(name)\""
        }
    }
}
