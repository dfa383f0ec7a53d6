// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension TunnelExport {
    /// ipsec.conf(5), for /etc/ipsec.d; version 5 takes it, too, but for the line it says.
    func libreswan() -> [String] {
        var lines: [String] = []
        for connection in connections {
            lines += ["", "conn edge_\(id.name)_s\(connection.name.number)"]
            lines += [
                "# On Libreswan 5: keyexchange=ikev2", "ikev2=insist",
                "left=\"\(theirs.address)\"", "leftid=\"\(theirs.id)\"",
                "leftsubnet=\"\(Self.network(connection.remote))\"",
            ]
            if hasCertificate { lines += ["leftcert=\"YOUR-CERTIFICATE\"", "leftsendcert=always"] }
            lines += [
                "right=\"\(ours.address)\"", "rightid=\"\(ours.id)\"",
                "rightsubnet=\"\(Self.network(connection.local))\"",
            ]
            if let certificate, Alphabet.isDistinguishedName(certificate.issuer) {
                lines.append("rightca=\"\(certificate.issuer)\"")
            }
            lines += authentication
            lines += [
                "ike=\"\(ProposalText.ike(tunnel.ike))\"", "esp=\"\(ProposalText.esp(tunnel.esp))\"", "pfs=yes",
                "ikelifetime=\"\(tunnel.ikeLifetime.components.seconds)s\"",
                "salifetime=\"\(tunnel.espLifetime.components.seconds)s\"",
                "rekeymargin=\"\(tunnel.rekeyMargin.components.seconds)s\"",
                "dpddelay=\"\(tunnel.liveness.components.seconds)s\"", "dpdaction=restart",
                "retransmit-timeout=\"\(tunnel.retransmitTimeout.components.seconds)s\"",
                "encapsulation=\(tunnel.encapsulation.keyword)", "mobike=no", "auto=ondemand",
            ]
        }
        lines = lines.map { $0.isEmpty || $0.hasPrefix("conn ") ? $0 : "    \($0)" }
        guard !hasCertificate else { return lines }
        return lines + [
            "", "# In a file in /etc/ipsec.d that ends in .secrets, mode 600:",
            "# \(theirs.id) \(ours.id) : PSK \"\(Self.keyPlaceholder)\"",
        ]
    }

    /// Their key is the left one.
    private var authentication: [String] {
        guard hasCertificate else { return ["authby=secret"] }
        switch (tunnel.remoteKey, tunnel.localKey) {
        case (.ecdsa, .ecdsa): return ["authby=ecdsa"]
        case (.rsa, .rsa): return ["authby=rsa-sha2"]
        case (.ecdsa, .rsa): return ["leftauth=ecdsa", "rightauth=rsasig"]
        case (.rsa, .ecdsa): return ["leftauth=rsasig", "rightauth=ecdsa"]
        }
    }

    /// With its length, also for a single address.
    static func network(_ end: Connection.End) -> String { "\(end.subnet.address)/\(end.subnet.bitCount)" }
}
