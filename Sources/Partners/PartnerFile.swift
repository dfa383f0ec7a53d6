// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Reads one partner file and checks everything that can be told from it alone.
package enum PartnerFile {
    /// What reading came to: a partner when there is no error, and everything there is to say.
    package struct Outcome: Sendable {
        package let partner: Partner?
        /// In the order of the file.
        package let diagnostics: [Diagnostic]
    }

    /// - Parameter fileName: as diagnostics show it; its last part must be the partner's id and `.toml`.
    package static func parse(_ text: String, fileName: String) -> Outcome {
        let report = Report(file: fileName, text: text)
        let partner = read(text, into: report)
        return Outcome(partner: partner, diagnostics: report.diagnostics.sorted())
    }

    static func read(_ text: String, into report: Report) -> Partner? {
        do throws(TOMLError) {
            let root = try TOML.parse(text)
            guard case .table(let table) = root.kind else { return nil }
            let reader = TableReader(table, at: root.position, title: "", report: report)
            let partner = PartnerReader(reader).partner(origins: Origins(file: report.file, root: root))
            return report.diagnostics.hasErrors ? nil : partner
        } catch {
            report.add(error)
            return nil
        }
    }
}

/// Takes a partner out of the root table of its file.
struct PartnerReader {
    let root: TableReader

    init(_ root: TableReader) { self.root = root }

    private var report: Report { root.report }

    /// Nothing when a required part is missing or wrong; what is wrong was reported.
    func partner(origins: Origins) -> Partner? {
        let id = id()
        let name = root.phrase("name", example: "\"PayFast India\"")
        let roles = roles()
        let isEnabled = root.boolean("enabled") ?? true
        let owner = root.phrase("owner", example: "\"partner-ops@example.net\"")
        let ticket = root.phrase("ticket", example: "\"NET-4711\"")
        let tunnels = root.tables("tunnel", count: 0...8).compactMap { TunnelReader(table: $0, partner: id).rule() }
        let allow = root.tables("allow", count: 1...100).compactMap { self.allow($0) }
        let certificates = root.tables("certificate", count: 1...16).compactMap { certificate($0) }
        let revoked = revoked()
        let credential = credential()
        let limits = limits()
        let callbacks = callbacks(certificates.first?.ca)
        let inbound = inbound(callbacks?.profile ?? .plain)
        let outward = outward(certificates.first?.ca)
        root.close()
        guard let id, let name, let roles, let owner, let ticket else { return nil }
        let partner = Partner(
            id: id,
            name: name,
            roles: roles,
            isEnabled: isEnabled,
            owner: owner,
            ticket: ticket,
            allow: allow,
            certificates: certificates,
            revoked: revoked,
            credential: credential,
            limits: limits,
            callbacks: callbacks,
            inbound: inbound,
            outward: outward,
            tunnels: tunnels,
            origins: origins
        )
        if !report.diagnostics.hasErrors { PartnerLint(partner: partner, report: report).run() }
        return partner
    }

    private func id() -> PartnerID? {
        guard let text = root.string("id", required: true, example: "\"payfast\"") else { return nil }
        guard let id = PartnerID(text.value) else {
            let message = "`id` is \(quoted(text.value)): it must be a-z, then up to 31 of a-z, 0-9 and _"
            report.add(.identifier, at: text.position, message, mend: "write for example `id = \"payfast\"`")
            return nil
        }
        let fileName = report.file.split(separator: "/").last.map(String.init) ?? report.file
        if fileName != "\(id).toml" {
            let message = "`id` is \(quoted(text.value)), but the file is called \(quoted(fileName))"
            report.add(
                .identifierFile,
                at: text.position,
                message,
                mend: "rename the file to \(id).toml, or mend the id"
            )
        }
        return id
    }

    private func roles() -> Set<PartnerRole>? {
        let words = PartnerRole.allCases.map(\.rawValue)
        let roles = root.list("roles", count: 1...words.count, example: "\"send\"") { text -> PartnerRole? in
            if let role = PartnerRole(rawValue: text.value) { return role }
            root.badChoice("roles", text, among: words)
            return nil
        }
        return roles.map { Set($0) }
    }

    private func allow(_ table: TableReader) -> AllowEntry? {
        let from = table.prefixes("from", count: 1...1000)
        let via = table.string("via")
        let reason = table.phrase("reason", example: "\"production egress\"")
        let until = table.instant("until")
        table.close()
        guard let from, let reason else { return nil }
        return AllowEntry(from: from, via: via?.value, reason: reason, until: until)
    }

    private func certificate(_ table: TableReader) -> CertificateRule? {
        let ca = table.fileName("ca", required: true, example: "\"payfast-ca.pem\"")
        let rule = "it must be a DNS name in lower case, without a wildcard"
        let san = table.parsed("san", required: true, .san, rule, example: "\"edge.payfast.example\"") {
            DNSName.isValid($0) ? $0 : nil
        }
        let pinRule = "it must be sha256: and 64 hex digits in lower case"
        let pin = table.parsed("pin", .pin, pinRule, example: "\"sha256:0123…cdef\"") { KeyPin($0) }
        let keyUsage: KeyUsageRule = table.choice("eku") ?? .clientAuth
        table.close()
        guard let ca, let san else { return nil }
        return CertificateRule(ca: ca, san: san, pin: pin, keyUsage: keyUsage)
    }

    private func revoked() -> [RevokedCertificate] {
        let revoked = root.list("revoked", count: 0...1000, example: "\"0a1b2c\"") { text -> RevokedCertificate? in
            if let revoked = RevokedCertificate(text.value) { return revoked }
            let hint = "write the serial number in hex, \"0a1b2c\", or the key, \"sha256:…\""
            report.add(
                .serial,
                at: text.position,
                "\(quoted(text.value)) is neither a serial number nor a key",
                mend: hint
            )
            return nil
        }
        return revoked ?? []
    }

    private func credential() -> CredentialRule {
        guard let table = root.table("credential") else { return .none }
        let scheme: CredentialRule.Scheme? = table.has("scheme") ? table.choice("scheme") : CredentialRule.Scheme.none
        let isNeeded = scheme != nil && scheme != CredentialRule.Scheme.none
        let file = table.secretName("file", required: isNeeded, example: "\"payfast.credential\"")
        table.close()
        if scheme == CredentialRule.Scheme.none, file != nil {
            let message = "`file` in [credential] is given, but the scheme is none"
            let hint = "write `scheme = \"basic\"` or `scheme = \"terrapay\"`, or remove the file"
            report.add(.conflict, at: table.position, message, mend: hint)
        }
        return CredentialRule(scheme: scheme ?? CredentialRule.Scheme.none, file: file)
    }

    private func limits() -> PartnerLimits {
        var limits = PartnerLimits.standard
        guard let table = root.table("limits") else { return limits }
        if let rate = table.integer("requests-per-second", in: 1...100_000) {
            limits.requestsPerSecond = rate
            limits.burst = 2 * rate
        }
        if let burst = table.integer("burst", in: 1...1_000_000) { limits.burst = burst }
        if let concurrent = table.integer("concurrent", in: 1...100_000) { limits.concurrent = concurrent }
        if let bodyBytesMax = table.integer("body-bytes", in: 0...67_108_864) { limits.bodyBytesMax = bodyBytesMax }
        table.close()
        return limits
    }
}
