// SPDX-License-Identifier: Apache-2.0
internal import Base

/// `[[admin]]` and `[audit]`.
extension AccessReader {
    func admin(_ table: TableReader) -> AdminRule? {
        defer { table.close() }
        let id = id(table, example: "\"anna\"")
        let name = table.phrase("name", example: "\"Anna Bauer\"")
        let roles = table.has("roles") ? table.list("roles", count: 0...100, example: "\"network\"") { $0.value } : []
        let ca = table.fileName("ca", required: true, example: "\"admins-ca.pem\"")
        let sanRule = "it must be an e-mail address or a host name, without a wildcard"
        let san = table.parsed("san", required: true, .san, sanRule, example: "\"anna@edge.example\"") {
            AdminName($0)
        }
        let pins = pins(table)
        let loginRule = "it must be the name of an account: a-z or _, then up to 31 of a-z, 0-9, _ and -"
        let login = table.parsed("login", .identifier, loginRule, example: "\"anna\"") { Self.isLogin($0) ? $0 : nil }
        let from = table.has("from") ? table.prefixes("from", count: 1...100) : []
        let until = table.instant("until")
        let isEnabled = table.boolean("enabled") ?? true
        let isBreakGlass = table.boolean("break-glass") ?? false
        guard let id, let name, let roles, let ca, let san, let pins, let from else { return nil }
        return AdminRule(
            id: id,
            name: name,
            roles: roles,
            ca: ca,
            san: san,
            pins: pins,
            login: login,
            from: from,
            until: until,
            isEnabled: isEnabled,
            isBreakGlass: isBreakGlass
        )
    }

    private func pins(_ table: TableReader) -> [KeyPin]? {
        guard table.has("pin") else { return [] }
        return table.list("pin", count: 1...16, example: "\"sha256:0123…cdef\"") { text in
            if let pin = KeyPin(text.value) { return pin }
            let message = "\(quoted(text.value)) is not sha256: and 64 hex digits in lower case"
            report.add(.pin, at: text.position, message, mend: "write for example `pin = [\"sha256:0123…cdef\"]`")
            return nil
        }
    }

    private static func isLogin(_ text: String) -> Bool {
        guard (1...32).contains(text.utf8.count), let first = text.utf8.first else { return false }
        return ((0x61...0x7a).contains(first) || first == UInt8(ascii: "_"))
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "_-".utf8.contains($0)
            }
    }

    /// Nothing without `[audit]`, or when a required part is wrong; what is wrong was reported.
    func audit() -> AuditRule? {
        guard let table = root.table("audit") else { return nil }
        defer { table.close() }
        let key = table.secretName("key", required: true, example: "\"audit.key\"")
        var rule = AuditRule(key: key ?? "")
        if let folder = table.absolutePath("folder") { rule.folder = folder }
        if let keep = table.duration("keep", in: .seconds(86_400)...(.seconds(3650 * 86_400))) { rule.keep = keep }
        if let bytes = table.integer("keep-bytes", in: 1_048_576...1_099_511_627_776) { rule.keepBytes = bytes }
        if let path = table.absolutePath("control") { rule.control = path }
        if let path = table.absolutePath("events") { rule.events = path }
        rule.forward = forward(table)
        return key == nil ? nil : rule
    }

    private func forward(_ audit: TableReader) -> AuditRule.Forward? {
        guard let table = audit.table("forward") else { return nil }
        defer { table.close() }
        let toRule = "it must be an address and a port"
        let to = table.parsed("to", required: true, .address, toRule, example: "\"192.0.2.140:6514\"") {
            IPEndpoint($0)
        }
        let nameRule = "it must be a host name in lower case"
        let name = table.parsed("name", required: true, .san, nameRule, example: "\"logs.edge.example\"") {
            DNSName.isValid($0) ? $0 : nil
        }
        let ca = table.fileName("ca", required: true, example: "\"logs-ca.pem\"")
        let certificate = table.fileName("certificate", example: "\"jump-logs.pem\"")
        let key = table.secretName("key", example: "\"jump-logs.key\"")
        if (certificate == nil) != (key == nil) {
            let message = "`certificate` and `key` in [audit.forward] belong together"
            report.add(.conflict, at: table.position, message, mend: "give both, or neither")
        }
        guard let to, let name, let ca else { return nil }
        return AuditRule.Forward(to: to, name: name, ca: ca, certificate: certificate, key: key)
    }
}
