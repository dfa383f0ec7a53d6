// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Takes one `[[tunnel]]` out of a partner's file.
struct TunnelReader {
    let table: TableReader
    /// Nothing when the file has no good `id`.
    let partner: PartnerID?

    var report: Report { table.report }

    /// Nothing when a required part is missing or wrong; what is wrong was reported.
    func rule() -> TunnelRule? {
        let name = name()
        let peer = table.address("peer")
        let backupPeer = table.has("backup-peer") ? table.address("backup-peer") : nil
        let localAddress = table.has("local-address") ? table.address("local-address") : nil
        let localID = identity("local-id")
        let remoteID = identity("remote-id")
        let local = table.prefixes("local-subnets", count: 1...16)
        let remote = table.prefixes("remote-subnets", count: 1...16)
        let authentication = authentication()
        let version = version()
        let ike = proposals("ike", example: "aes_gcm256-sha2_512-dh20") { text throws(ProposalFlaw) in
            try IKEProposal(text)
        }
        let esp = proposals("esp", example: "aes_gcm256") { text throws(ProposalFlaw) in try ESPProposal(text) }
        let ikeLifetime = seconds("ike-lifetime", in: 300...86_400)
        let espLifetime = seconds("esp-lifetime", in: 300...86_400)
        let liveness = seconds("liveness", in: 5...300)
        let retransmitTimeout = seconds("retransmit-timeout", in: 10...300)
        let encapsulation: TunnelRule.Encapsulation? = table.choice("encapsulation")
        let waiver = waiver()
        table.close()
        guard let name, let peer, let localID, let remoteID, let local, let remote, let authentication else {
            return nil
        }
        return TunnelRule(
            name: name,
            peer: peer,
            backupPeer: backupPeer,
            localAddress: localAddress,
            localID: localID,
            remoteID: remoteID,
            localSubnets: local,
            remoteSubnets: remote,
            authentication: authentication,
            version: version,
            ike: ike ?? IKEProposal.standard.filter { version == .v2 || !$0.cipher.isAuthenticated },
            esp: esp ?? ESPProposal.standard,
            ikeLifetime: ikeLifetime ?? .seconds(8 * 3600),
            espLifetime: espLifetime ?? .seconds(3600),
            liveness: liveness ?? .seconds(10),
            retransmitTimeout: retransmitTimeout ?? .seconds(30),
            encapsulation: encapsulation ?? .automatic,
            waiver: waiver
        )
    }

    /// Libreswan puts the name of a `conn` into a shell command: nothing but letters and digits.
    private func name() -> String? {
        let rule = "it must be a-z, then up to 15 of a-z and 0-9"
        guard let text = table.string("name", required: true, example: "\"t1\"") else { return nil }
        let bytes = text.value.utf8
        let isPlain = bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        guard (1...16).contains(bytes.count), isPlain, (0x61...0x7a).contains(bytes.first ?? 0) else {
            let message = "`name`\(table.place) is \(quoted(text.value)): \(rule)"
            report.add(.tunnelName, at: text.position, message, mend: "write for example `name = \"t1\"`")
            return nil
        }
        // "p_" ID "_" NAME "_s" and three digits for the pair of subnets.
        let length = 2 + (partner?.rawValue.utf8.count ?? 0) + 1 + bytes.count + 2 + 3
        guard length <= 41 else {
            let message = "`name`\(table.place) makes a connection name of \(length) characters; 41 fit"
            report.add(.tunnelName, at: text.position, message, mend: "use a shorter name")
            return nil
        }
        return text.value
    }

    /// An identity of IKE; anything else Libreswan would look up in DNS, rewrite or execute.
    private func identity(_ key: String) -> IKEIdentity? {
        let rule =
            "it must be @ and up to 253 of letters, digits, `.`, `-` and `_`, or an address, user@host, "
            + "or a certificate's subject without quotes and escapes"
        return table.parsed(key, required: true, .tunnelID, rule, example: "\"@vpn.payfast.example\"") {
            IKEIdentity($0)
        }
    }

    /// Libreswan counts in whole seconds.
    private func seconds(_ key: String, in range: ClosedRange<Int64>) -> Duration? {
        let bounds = Duration.seconds(range.lowerBound)...(.seconds(range.upperBound))
        guard let value = table.take(key), let duration = table.duration(value, key: key, in: bounds) else {
            return nil
        }
        guard duration.components.attoseconds == 0 else {
            let message = "`\(key)`\(table.place) is \(duration.text), which is not a whole number of seconds"
            report.add(.duration, at: value.position, message, mend: "write for example `\(key) = \"10s\"`")
            return nil
        }
        return duration
    }

    private func version() -> IKEVersion {
        guard let number = table.integer("version", in: 1...2) else { return .v2 }
        return IKEVersion(rawValue: number) ?? .v2
    }

    private func proposals<Proposal: Hashable>(
        _ key: String,
        example: String,
        _ parse: (String) throws(ProposalFlaw) -> Proposal
    ) -> [Proposal]? {
        guard table.has(key) else { return nil }
        return table.list(key, count: 1...8, example: quoted(example)) { text in
            do throws(ProposalFlaw) {
                return try parse(text.value)
            } catch {
                report.add(.tunnelProposal, at: text.position, error.message, mend: error.hint)
                return nil
            }
        }
    }

    private func authentication() -> TunnelRule.Authentication? {
        guard let value = table.take("auth", required: true, mend: "add `auth = { psk = \"payfast-t1.psk\" }`") else {
            return nil
        }
        guard case .table(let inner) = value.kind else {
            table.wrongType("auth", value, wanted: "a table", example: "{ psk = \"payfast-t1.psk\" }")
            return nil
        }
        let reader = TableReader(inner, at: value.position, title: "auth", report: report)
        let secret = reader.secretName("psk", example: "\"payfast-t1.psk\"")
        let identity = reader.secretName("certificate", example: "\"edge-vpn\"")
        let isCertificate = identity != nil && secret == nil
        let authority = reader.fileName("ca", required: isCertificate, example: "\"payfast-vpn-ca.pem\"")
        reader.close()
        switch (reader.has("psk"), reader.has("certificate")) {
        case (true, false):
            if reader.has("ca") {
                let message = "`ca` in auth goes with a certificate, not with a psk"
                report.add(.conflict, at: value.position, message, mend: "remove it")
            }
            return secret.map { .sharedSecret(file: $0) }
        case (false, true):
            guard let identity, let authority else { return nil }
            return .certificate(identity: identity, authority: authority)
        default:
            let message = "`auth`\(table.place) must name either a psk or a certificate"
            let hint = "write `auth = { psk = \"FILE\" }` or `auth = { certificate = \"NAME\", ca = \"FILE\" }`"
            report.add(.conflict, at: value.position, message, mend: hint)
            return nil
        }
    }

    private func waiver() -> TunnelWaiver? {
        guard table.has("waiver"), let value = table.take("waiver") else { return nil }
        guard case .table(let inner) = value.kind else {
            report.add(.type, at: value.position, "`waiver` must be a table", mend: "write [tunnel.waiver]")
            return nil
        }
        let reader = TableReader(inner, at: value.position, title: "[tunnel.waiver]", report: report)
        let words = TunnelWeakness.allCases.map(\.rawValue)
        let allows = reader.list("allows", count: 1...words.count, example: "\"sha1\"") { text -> TunnelWeakness? in
            if let weakness = TunnelWeakness(rawValue: text.value) { return weakness }
            reader.badChoice("allows", text, among: words)
            return nil
        }
        let reason = reader.phrase("reason", example: "\"their gateway is replaced in June\"")
        let ticket = reader.phrase("ticket", example: "\"NET-4711\"")
        if !reader.has("until") {
            let message = "`until` is missing\(reader.place)"
            report.add(.missingKey, at: value.position, message, mend: "add the last day, `until = 2027-03-31`")
        }
        let until = reader.instant("until")
        reader.close()
        guard let allows, let reason, let ticket, let until else { return nil }
        return TunnelWaiver(allows: Set(allows), reason: reason, ticket: ticket, until: until)
    }
}
