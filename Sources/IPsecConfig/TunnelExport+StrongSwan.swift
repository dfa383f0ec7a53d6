// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension TunnelExport {
    /// swanctl.conf(5), for /etc/swanctl/conf.d.
    func strongSwan() -> [String] {
        let name = "edge_\(id.name)"
        var lines = ["", "connections {", "    \(name) {"]
        lines += Self.indented(
            2,
            [
                "version = 2", "local_addrs = \(theirs.address)", "remote_addrs = \(ours.address)",
                "proposals = \(tunnel.ike.map(\.strongSwan).joined(separator: ","))",
                "rekey_time = \(Self.rekeySeconds(tunnel.ikeLifetime))s",
                "over_time = \(Self.seconds(tunnel.ikeLifetime) - Self.rekeySeconds(tunnel.ikeLifetime))s",
                "dpd_delay = \(Self.seconds(tunnel.liveness))s", "keyingtries = 0", "mobike = no",
                "encap = \(tunnel.encapsulation == .always ? "yes" : "no")",
            ]
        )
        lines += end("local", theirs, hasCertificate ? ["certs = YOUR-CERTIFICATE.pem"] : [])
        lines += end("remote", ours, hasCertificate ? ["cacerts = OUR-AUTHORITY.pem"] : [])
        lines.append("        children {")
        for connection in connections { lines += child("\(name)_s\(connection.name.number)", connection) }
        lines += ["        }", "    }", "}"]
        guard !hasCertificate else { return lines }
        return lines + [
            "", "secrets {", "    ike-\(name) {", "        id-1 = \"\(theirs.id)\"", "        id-2 = \"\(ours.id)\"",
            "        secret = \"\(Self.keyPlaceholder)\"", "    }", "}",
        ]
    }

    private func end(_ side: String, _ end: Connection.End, _ further: [String]) -> [String] {
        let auth = "auth = \(hasCertificate ? "pubkey" : "psk")"
        return ["        \(side) {"] + Self.indented(3, [auth, "id = \"\(end.id)\""] + further) + ["        }"]
    }

    private func child(_ name: String, _ connection: Connection) -> [String] {
        let proposals = tunnel.esp.flatMap { proposal in rekeyGroups.map { proposal.strongSwan(group: $0) } }
        let statements = [
            "local_ts = \(Self.network(connection.remote))", "remote_ts = \(Self.network(connection.local))",
            "esp_proposals = \(proposals.joined(separator: ","))",
            "rekey_time = \(Self.rekeySeconds(tunnel.espLifetime))s",
            "life_time = \(Self.seconds(tunnel.espLifetime))s",
            "start_action = trap", "dpd_action = restart", "close_action = trap",
        ]
        return ["            \(name) {"] + Self.indented(4, statements) + ["            }"]
    }

    private static func indented(_ depth: Int, _ lines: [String]) -> [String] {
        lines.map { String(repeating: "    ", count: depth) + $0 }
    }

    static func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }

    /// Nine tenths of the lifetime.
    private static func rekeySeconds(_ lifetime: Duration) -> Int64 { seconds(lifetime) / 10 * 9 }
}

extension TunnelCipher {
    fileprivate var strongSwan: String {
        switch self {
        case .aesGCM256: "aes256gcm16"
        case .aesGCM128: "aes128gcm16"
        case .aes256, .aes192, .aes128, .tripleDES: rawValue
        }
    }
}

extension TunnelHash {
    /// `sha512`, as all products but Libreswan spell it.
    var plain: String {
        switch self {
        case .sha512: "sha512"
        case .sha384: "sha384"
        case .sha256: "sha256"
        case .sha1: "sha1"
        case .md5: "md5"
        }
    }
}

extension TunnelGroup {
    /// Its number.
    var number: Int { Int(rawValue.dropFirst(2)) ?? 0 }

    fileprivate var strongSwan: String {
        switch number {
        case 2: "modp1024"
        case 5: "modp1536"
        case 14: "modp2048"
        case 15: "modp3072"
        case 16: "modp4096"
        case 17: "modp6144"
        case 18: "modp8192"
        case 19: "ecp256"
        case 20: "ecp384"
        case 21: "ecp521"
        default: "curve25519"
        }
    }
}

extension IKEProposal {
    fileprivate var strongSwan: String {
        let integrity = cipher.isAuthenticated ? "" : "-\(hash.plain)"
        return "\(cipher.strongSwan)\(integrity)-prf\(hash.plain)-\(group.strongSwan)"
    }
}

extension ESPProposal {
    fileprivate func strongSwan(group: TunnelGroup) -> String {
        "\(cipher.strongSwan)\(hash.map { "-\($0.plain)" } ?? "")-\(group.strongSwan)"
    }
}
