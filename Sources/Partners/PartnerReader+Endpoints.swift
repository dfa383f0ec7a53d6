// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

extension PartnerReader {
    /// `[callbacks]`; `ca` is the authority used when none is named.
    func callbacks(_ ca: String?) -> CallbackRule? {
        guard let table = root.table("callbacks") else { return nil }
        let url = table.url("url")
        let to = table.prefixes("to", count: 1...100)
        let profile = profile(table, else: .plain)
        let identity = table.secretName("identity", required: true, example: "\"payfast-out\"")
        let timeout = table.duration("timeout", in: .seconds(1)...(.seconds(120))) ?? .seconds(15)
        let giveUpAfter = table.duration("give-up-after", in: .seconds(60)...(.seconds(30 * 86_400)))
        let ownCA = table.fileName("ca", example: "\"payfast-ca.pem\"")
        let isSigned = profile == .standardWebhooks
        let secret = table.secretName("secret", required: isSigned, example: "\"payfast.whsec\"")
        table.close()
        if let profile, secret != nil, !isSigned {
            let message = "`secret` in [callbacks] is given, but profile \(profile.rawValue) signs nothing with it"
            let hint = "write `profile = \"standard-webhooks\"`, or remove the secret"
            root.report.add(.conflict, at: table.position, message, mend: hint)
        }
        guard let url, let to, let profile, let identity, let ca = ownCA ?? ca else { return nil }
        checkAddress(url, to: to, table)
        return CallbackRule(
            url: url.value,
            to: to,
            profile: profile,
            identity: identity,
            timeout: timeout,
            giveUpAfter: giveUpAfter ?? .seconds(72 * 3600),
            ca: ca,
            secret: secret
        )
    }

    func inbound(_ profile: CallbackProfile) -> InboundRule {
        guard let table = root.table("inbound") else { return InboundRule(profile: profile) }
        let own = self.profile(table, else: profile)
        table.close()
        return InboundRule(profile: own ?? profile)
    }

    /// `[outward]`; `ca` is the authority used when none is named.
    func outward(_ ca: String?) -> OutwardRule? {
        guard let table = root.table("outward") else { return nil }
        let url = table.url("url")
        let to = table.prefixes("to", count: 1...100)
        let identity = table.secretName("identity", required: true, example: "\"mobicash-out\"")
        let ownCA = table.fileName("ca", example: "\"mobicash-ca.pem\"")
        let timeout = table.duration("timeout", in: .seconds(1)...(.seconds(120))) ?? .seconds(30)
        table.close()
        guard let url, let to, let identity, let ca = ownCA ?? ca else { return nil }
        checkAddress(url, to: to, table)
        return OutwardRule(url: url.value, to: to, identity: identity, ca: ca, timeout: timeout)
    }

    /// A URL with an address for a host must keep to its own list.
    private func checkAddress(_ url: Located<EndpointURL>, to: [IPPrefix], _ table: TableReader) {
        guard let address = url.value.address, !to.contains(where: { $0.contains(address) }) else { return }
        let message = "the host of `url`\(table.place) is \(address), which is not in `to`"
        root.report.add(.urlAddress, at: url.position, message, mend: "add \"\(address)\" to `to`, or mend the URL")
    }

    /// Nothing when the word is wrong.
    private func profile(_ table: TableReader, else standard: CallbackProfile) -> CallbackProfile? {
        let words = CallbackProfile.allCases.map(\.rawValue)
        guard table.has("profile") else { return standard }
        guard let text = table.string("profile", example: "\"plain\"") else { return nil }
        if let profile = CallbackProfile(rawValue: text.value) { return profile }
        if text.value == "fspiop" {
            let message = "profile \"fspiop\" is not supported yet"
            let hint = "use one of \(words.map(quoted).joined(separator: ", "))"
            root.report.add(.profile, at: text.position, message, mend: hint)
        } else {
            table.badChoice("profile", text, among: words)
        }
        return nil
    }
}

extension PartnerReader {
    func tunnel(_ table: TableReader, partner: PartnerID?) -> TunnelRule? {
        let name = tunnelName(table, partner: partner)
        let peer = table.address("peer")
        let localID = endID("local-id", table)
        let remoteID = endID("remote-id", table)
        let local = table.prefixes("local-subnets", count: 1...16)
        let remote = table.prefixes("remote-subnets", count: 1...16)
        let authentication = authentication(table)
        table.close()
        guard let name, let peer, let localID, let remoteID, let local, let remote, let authentication else {
            return nil
        }
        return TunnelRule(
            name: name,
            peer: peer,
            localID: localID,
            remoteID: remoteID,
            localSubnets: local,
            remoteSubnets: remote,
            authentication: authentication
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
    private func endID(_ key: String, _ table: TableReader) -> String? {
        let rule = "it must be @ and up to 253 of letters, digits, `.`, `-` and `_`, or an address"
        return table.parsed(key, required: true, .tunnelID, rule, example: "\"@vpn.payfast.example\"") { text in
            if let address = IPAddress(text) { return address.description }
            let name = text.dropFirst()
            let isPlain = name.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "._-".unicodeScalars.contains($0))
            }
            return text.hasPrefix("@") && (1...253).contains(name.utf8.count) && isPlain ? text : nil
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
        reader.close()
        switch (reader.has("psk"), reader.has("certificate")) {
        case (true, false): return secret.map { .sharedSecret(file: $0) }
        case (false, true): return identity.map { .certificate(identity: $0) }
        default:
            let message = "`auth`\(table.place) must name either a psk or a certificate"
            let hint = "write `auth = { psk = \"FILE\" }` or `auth = { certificate = \"NAME\" }`"
            root.report.add(.conflict, at: value.position, message, mend: hint)
            return nil
        }
    }
}
