// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Takes the administrators' side out of the root table of `jumpd.toml`.
struct AccessReader {
    let root: TableReader

    var report: Report { root.report }

    /// Nothing without `[gate]`, or when a required part is wrong; what is wrong was reported.
    func rules(audit: AuditRule?) -> AccessRules? {
        let gate = gate()
        let lockout = lockout()
        let grants = grants()
        let targets = root.tables("target", count: 0...1000).compactMap { target($0) }
        let roles = root.tables("role", count: 0...100).compactMap { role($0) }
        let admins = root.tables("admin", count: 0...1000).compactMap { admin($0) }
        guard root.has("gate") else {
            refuseOrphans()
            return nil
        }
        if !root.has("audit") {
            let mend = "add a table [audit] with `key = \"audit.key\"`"
            report.add(.missingKey, at: root.position, "[gate] needs [audit]: nobody comes in unrecorded", mend: mend)
        }
        guard let gate, let audit else { return nil }
        return AccessRules(
            gate: gate,
            lockout: lockout,
            grants: grants,
            audit: audit,
            admins: admins,
            roles: roles,
            targets: targets
        )
    }

    private func refuseOrphans() {
        for key in ["admin", "role", "target", "lockout", "grants"] {
            guard let value = root.take(key) else { continue }
            let message = "`\(key)` means nothing without [gate]"
            report.add(.conflict, at: value.position, message, mend: "add a table [gate], or remove this")
        }
    }

    private func gate() -> GateRule? {
        guard let table = root.table("gate") else { return nil }
        defer { table.close() }
        let listen = table.endpoints("listen", count: 1...16)
        let nameRule = "it must be a host name in lower case"
        let name = table.parsed("name", required: true, .san, nameRule, example: "\"jump.edge.example\"") {
            DNSName.isValid($0) && $0.contains(".") ? $0 : nil
        }
        let certificate = table.fileName("certificate", required: true, example: "\"jump.pem\"")
        let key = table.secretName("key", required: true, example: "\"jump.key\"")
        var rule = GateRule(listen: [], name: "", certificate: "", key: "")
        if table.has("revoked") { rule.revoked = revoked(table) }
        if let count = table.integer("connections", in: 1...100_000) { rule.connectionsMax = count }
        if let count = table.integer("sessions-per-person", in: 1...10_000) { rule.sessionsPerPersonMax = count }
        if let idle = table.duration("idle", in: Self.sessionRange) { rule.idle = idle }
        if let longest = table.duration("longest", in: Self.sessionRange) { rule.longest = longest }
        if let rate = table.integer("handshakes-per-second", in: 1...100_000) { rule.handshakesPerSecond = rate }
        if let burst = table.integer("handshakes-burst", in: 1...100_000) { rule.handshakesBurst = burst }
        if let count = table.integer("workers", in: 0...256) { rule.workerCount = count }
        if let path = table.absolutePath("control") { rule.control = path }
        guard let listen, let name, let certificate, let key else { return nil }
        (rule.listen, rule.name, rule.certificate, rule.key) = (listen, name, certificate, key)
        return rule
    }

    private static let sessionRange = Duration.seconds(60)...(.seconds(86_400))

    private func revoked(_ table: TableReader) -> [RevokedCertificate] {
        let revoked = table.list("revoked", count: 0...1000, example: "\"0a1b2c\"") { text -> RevokedCertificate? in
            if let revoked = RevokedCertificate(text.value) { return revoked }
            let hint = "write the serial number in hex, \"0a1b2c\", or the key, \"sha256:…\""
            let message = "\(quoted(text.value)) is neither a serial number nor a key"
            report.add(.serial, at: text.position, message, mend: hint)
            return nil
        }
        return revoked ?? []
    }

    private func lockout() -> LockoutRule {
        var rule = LockoutRule()
        guard let table = root.table("lockout") else { return rule }
        defer { table.close() }
        if let count = table.integer("failures", in: 3...10) { rule.failuresMax = count }
        if let period = table.duration("for", in: .seconds(60)...(.seconds(86_400))) { rule.period = period }
        return rule
    }

    private func grants() -> GrantRule {
        var rule = GrantRule()
        guard let table = root.table("grants") else { return rule }
        defer { table.close() }
        if let longest = table.duration("longest", in: .seconds(300)...(.seconds(8 * 3600))) { rule.longest = longest }
        if let longest = table.duration("break-glass-longest", in: .seconds(300)...(.seconds(3600))) {
            rule.breakGlassLongest = longest
        }
        if let pending = table.duration("pending", in: .seconds(300)...(.seconds(7 * 86_400))) {
            rule.pending = pending
        }
        return rule
    }

    private func role(_ table: TableReader) -> RoleRule? {
        defer { table.close() }
        let id = id(table, example: "\"network\"")
        var targets: [TargetName]? = []
        if table.has("targets") {
            targets = table.list("targets", count: 0...1000, example: "\"eig-01:22\"") { destination($0) }
        }
        var may: [AccessRight]? = []
        if table.has("may") {
            let words = AccessRight.allCases.map(\.rawValue)
            may = table.list("may", count: 0...words.count, example: "\"approve\"") { text in
                if let right = AccessRight(rawValue: text.value) { return right }
                table.badChoice("may", text, among: words)
                return nil
            }
        }
        guard let id, let targets, let may else { return nil }
        return RoleRule(id: id, targets: targets, may: Set(may))
    }

    private func destination(_ text: Located<String>) -> TargetName? {
        if let destination = TargetName(text.value) { return destination }
        let message = "\(quoted(text.value)) is not the name of a target"
        let hint = "write the `id` of a [[target]], with a port where it has several: \"eig-01:22\""
        report.add(.targetUnknown, at: text.position, message, mend: hint)
        return nil
    }

    /// What people and roles are called.
    func id(_ table: TableReader, example: String) -> String? {
        let rule = "it must be a-z, then up to 31 of a-z, 0-9, `.`, `_` and `-`"
        return table.parsed("id", required: true, .identifier, rule, example: example) { text in
            let isWord = text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "._-".utf8.contains($0)
            }
            return (1...32).contains(text.utf8.count) && isWord && (0x61...0x7a).contains(text.utf8.first ?? 0)
                ? text : nil
        }
    }

    private func target(_ table: TableReader) -> TargetRule? {
        defer { table.close() }
        let idRule = "it must be a-z, then up to 62 of a-z, 0-9 and `-`: a name, never an address"
        let id = table.parsed("id", required: true, .identifier, idRule, example: "\"eig-01\"") {
            TargetName.isTarget($0) ? $0 : nil
        }
        let address = address(table)
        let ports = table.ports("ports")
        let wire: TargetRule.Wire = table.choice("protocol") ?? .tcp
        let reason = table.phrase("reason", example: "\"the gateway itself, for its operators\"")
        let idle = table.duration("idle", in: Self.sessionRange)
        let longest = table.duration("longest", in: Self.sessionRange)
        let tls = upstream(table, wire)
        if wire == .postgresql, let ports, ports.count != 1 {
            let message = "a database has one port, not \(ports.count)"
            report.add(.conflict, at: table.position, message, mend: "add a [[target]] for each port")
        }
        guard let id, let address, let ports, let reason else { return nil }
        return TargetRule(
            id: id,
            address: address,
            ports: ports,
            wire: wire,
            reason: reason,
            idle: idle,
            longest: longest,
            tls: tls
        )
    }

    private func address(_ table: TableReader) -> IPAddress? {
        let rule = "it must be an address, not a name"
        guard let text = table.string("address", required: true, example: "\"10.20.0.11\"") else { return nil }
        guard let address = IPAddress(text.value) else {
            let message = "`address`\(table.place) is \(quoted(text.value)): \(rule)"
            report.add(.address, at: text.position, message, mend: "write for example `address = \"10.20.0.11\"`")
            return nil
        }
        guard let why = ForbiddenAddress.reason(address) else { return address }
        let message = "\(quoted(text.value)) is \(why): no target is there"
        report.add(.targetAddress, at: text.position, message, mend: "write the target's own address")
        return nil
    }

    private func upstream(_ table: TableReader, _ wire: TargetRule.Wire) -> TargetRule.Upstream? {
        guard let tls = table.table("tls") else { return nil }
        defer { tls.close() }
        let ca = tls.fileName("ca", required: true, example: "\"db-ca.pem\"")
        let rule = "it must be a host name in lower case"
        let name = tls.parsed("name", required: true, .san, rule, example: "\"txn-db.inside\"") {
            DNSName.isValid($0) ? $0 : nil
        }
        if wire != .postgresql {
            let message = "`tls` is for databases; what else goes through is encrypted by its two ends, or not at all"
            report.add(.conflict, at: tls.position, message, mend: "remove it, or write `protocol = \"postgresql\"`")
        }
        guard let ca, let name else { return nil }
        return TargetRule.Upstream(ca: ca, name: name)
    }
}
