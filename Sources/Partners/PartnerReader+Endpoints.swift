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
