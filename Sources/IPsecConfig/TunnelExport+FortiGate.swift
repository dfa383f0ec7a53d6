// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension TunnelExport {
    /// Commands for the CLI; a route-based tunnel whose phase 2 selectors are the pairs of networks.
    func fortiGate() -> [String] {
        // The name of an interface: 15 characters.
        let name = "e-\(id.name.prefix(11))"
        var lines: [String] = [""]
        if hasCertificate { lines += ourCertificate(name) }
        lines += ["config vpn ipsec phase1-interface", "    edit \"\(name)\""]
        lines += phase1(name).map { "        set \($0)" } + ["    next", "end", "config vpn ipsec phase2-interface"]
        for connection in connections {
            lines.append("    edit \"\(name)-\(connection.name.number)\"")
            lines += phase2(name, connection).map { "        set \($0)" } + ["    next"]
        }
        return lines + ["end"] + routes(name)
    }

    private func ourCertificate(_ name: String) -> [String] {
        let subject = certificate.map { "        set subject \"\($0.subject)\"" }
        return ["config user peer", "    edit \"\(name)\"", "        set ca \"OUR-AUTHORITY\""]
            + (subject.map { [$0] } ?? []) + ["    next", "end"]
    }

    private func phase1(_ name: String) -> [String] {
        let isV4 = theirs.address.isV4
        var settings = ["interface \"YOUR-OUTSIDE-INTERFACE\"", "ike-version 2"]
        if !isV4 { settings.append("ip-version 6") }
        settings += ["local-gw\(isV4 ? "" : "6") \(theirs.address)", "remote-gw\(isV4 ? "" : "6") \(ours.address)"]
        settings +=
            hasCertificate
            ? ["authmethod signature", "certificate \"YOUR-CERTIFICATE\"", "peertype peer", "peer \"\(name)\""]
            : ["authmethod psk", "psksecret \"\(Self.keyPlaceholder)\"", "peertype one", "peerid \"\(ours.id.plain)\""]
        switch theirs.id {
        case .name(let name): settings += ["localid-type fqdn", "localid \"\(name)\""]
        case .address(let address): settings += ["localid-type address", "localid \"\(address)\""]
        case .email(let address): settings += ["localid-type user-fqdn", "localid \"\(address)\""]
        case .distinguishedName: settings.append("localid-type asn1dn")
        }
        let nat =
            switch tunnel.encapsulation {
            case .automatic: "enable"
            case .always: "forced"
            case .never: "disable"
            }
        return settings + [
            "proposal \(Self.unique(tunnel.ike.map(\.fortiGate)))",
            "dhgrp \(Self.unique(tunnel.ike.map { "\($0.group.number)" }))",
            "keylife \(Self.seconds(tunnel.ikeLifetime))", "dpd on-idle",
            "dpd-retryinterval \(Self.seconds(tunnel.liveness))", "nattraversal \(nat)", "net-device disable",
        ]
    }

    private func phase2(_ name: String, _ connection: Connection) -> [String] {
        var settings = [
            "phase1name \"\(name)\"", "proposal \(Self.unique(tunnel.esp.map(\.fortiGate)))", "pfs enable",
            "dhgrp \(rekeyGroups.map { "\($0.number)" }.joined(separator: " "))",
            "keylifeseconds \(Self.seconds(tunnel.espLifetime))", "auto-negotiate enable",
        ]
        if connection.remote.subnet.address.isV4 {
            settings += [
                "src-subnet \(Self.mask(connection.remote.subnet))", "dst-subnet \(Self.mask(connection.local.subnet))",
            ]
        } else {
            settings += [
                "src-addr-type subnet6", "dst-addr-type subnet6", "src-subnet6 \(Self.network(connection.remote))",
                "dst-subnet6 \(Self.network(connection.local))",
            ]
        }
        return settings
    }

    /// One for each of our networks.
    private func routes(_ name: String) -> [String] {
        var networks: [IPPrefix] = []
        for connection in connections where !networks.contains(connection.local.subnet) {
            networks.append(connection.local.subnet)
        }
        var lines = [ours.subnet.address.isV4 ? "config router static" : "config router static6"]
        for network in networks {
            let destination = network.address.isV4 ? Self.mask(network) : "\(network.address)/\(network.bitCount)"
            lines += ["    edit 0", "        set dst \(destination)", "        set device \"\(name)\"", "    next"]
        }
        return lines + ["end"]
    }

    /// `172.16.5.0 255.255.255.0`.
    private static func mask(_ prefix: IPPrefix) -> String {
        let bits: UInt32 = prefix.bitCount == 0 ? 0 : .max << UInt32(32 - prefix.bitCount)
        return "\(prefix.address) \(IPAddress.v4(bits))"
    }

    /// Each once, in order.
    static func unique(_ words: [String]) -> String {
        var seen: [String] = []
        for word in words where !seen.contains(word) { seen.append(word) }
        return seen.joined(separator: " ")
    }
}

extension IKEIdentity {
    /// Without the `@` of Libreswan.
    var plain: String { if case .name(let name) = self { name } else { description } }
}

extension TunnelCipher {
    fileprivate var fortiGate: String {
        switch self {
        case .aesGCM256: "aes256gcm"
        case .aesGCM128: "aes128gcm"
        case .aes256, .aes192, .aes128, .tripleDES: rawValue
        }
    }
}

extension IKEProposal {
    fileprivate var fortiGate: String { "\(cipher.fortiGate)-\(cipher.isAuthenticated ? "prf" : "")\(hash.plain)" }
}

extension ESPProposal {
    fileprivate var fortiGate: String { cipher.fortiGate + (hash.map { "-\($0.plain)" } ?? "") }
}
