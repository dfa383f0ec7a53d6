// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

extension PartnerReader {
    func tunnel(_ table: TableReader, partner: PartnerID?) -> TunnelRule? {
        let name = tunnelName(table, partner: partner)
        let peer = table.address("peer")
        let localID = endID("local-id", table)
        let remoteID = endID("remote-id", table)
        let local = table.prefixes("local-subnets", count: 1...16)
        let remote = table.prefixes("remote-subnets", count: 1...16)
        let authentication = authentication(table)
        let backupPeer = table.has("backup-peer") ? table.address("backup-peer") : nil
        table.close()
        guard let name, let peer, let localID, let remoteID, let local, let remote, let authentication else {
            return nil
        }
        return TunnelRule(
            name: name,
            peer: peer,
            backupPeer: backupPeer,
            localAddress: nil,
            localID: localID,
            remoteID: remoteID,
            localSubnets: local,
            remoteSubnets: remote,
            authentication: authentication,
            version: .v2,
            ike: IKEProposal.standard,
            esp: ESPProposal.standard,
            ikeLifetime: .seconds(8 * 3600),
            espLifetime: .seconds(3600),
            liveness: .seconds(10),
            retransmitTimeout: .seconds(30),
            encapsulation: .automatic,
            waiver: nil
        )
    }

    /// Libreswan puts the name of a `conn` into a shell command: nothing but letters and digits.
    private func tunnelName(_ table: TableReader, partner: PartnerID?) -> String? {
        let rule = "it must be a-z, then up to 15 of a-z and 0-9"
        guard let text = table.string("name", required: true, example: "\"t1\"") else { return nil }
        let bytes = text.value.utf8
        let isPlain = bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        guard (1...16).contains(bytes.count), isPlain, (0x61...0x7a).contains(bytes.first ?? 0) else {
            let message = "`name`\(table.place) is \(quoted(text.value)): \(rule)"
            root.report.add(.tunnelName, at: text.position, message, mend: "write for example `name = \"t1\"`")
            return nil
        }
        // "p_" ID "_" NAME "_s" and three digits for the pair of subnets.
        let length = 2 + (partner?.rawValue.utf8.count ?? 0) + 1 + bytes.count + 2 + 3
        guard length <= 41 else {
            let message = "`name`\(table.place) makes a connection name of \(length) characters; 41 fit"
            root.report.add(.tunnelName, at: text.position, message, mend: "use a shorter name")
            return nil
        }
        return text.value
    }

    /// An identity of IKE; anything else Libreswan would look up in DNS, rewrite or execute.
    private func endID(_ key: String, _ table: TableReader) -> IKEIdentity? {
        let rule = "it must be @ and up to 253 of letters, digits, `.`, `-` and `_`, or an address"
        return table.parsed(key, required: true, .tunnelID, rule, example: "\"@vpn.payfast.example\"") { text in
            if let address = IPAddress(text) { return .address(address) }
            let name = text.dropFirst()
            let isPlain = name.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "._-".unicodeScalars.contains($0))
            }
            return text.hasPrefix("@") && (1...253).contains(name.utf8.count) && isPlain ? .name(String(name)) : nil
        }
    }

    private func authentication(_ table: TableReader) -> TunnelRule.Authentication? {
        guard let value = table.take("auth", required: true, mend: "add `auth = { psk = \"payfast-t1.psk\" }`") else {
            return nil
        }
        guard case .table(let inner) = value.kind else {
            table.wrongType("auth", value, wanted: "a table", example: "{ psk = \"payfast-t1.psk\" }")
            return nil
        }
        let reader = TableReader(inner, at: value.position, title: "auth", report: root.report)
        let secret = reader.secretName("psk", example: "\"payfast-t1.psk\"")
        let identity = reader.secretName("certificate", example: "\"edge-vpn\"")
        let isCertificate = identity != nil && secret == nil
        let authority = reader.fileName("ca", required: isCertificate, example: "\"payfast-vpn-ca.pem\"")
        reader.close()
        switch (reader.has("psk"), reader.has("certificate")) {
        case (true, false): return secret.map { .sharedSecret(file: $0) }
        case (false, true):
            guard let identity, let authority else { return nil }
            return .certificate(identity: identity, authority: authority)
        default:
            let message = "`auth`\(table.place) must name either a psk or a certificate"
            let hint = "write `auth = { psk = \"FILE\" }` or `auth = { certificate = \"NAME\" }`"
            root.report.add(.conflict, at: value.position, message, mend: hint)
            return nil
        }
    }
}
