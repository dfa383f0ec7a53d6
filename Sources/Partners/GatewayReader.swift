// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

extension GatewayFile {
    /// What reading came to: a file when there is no error, and everything there is to say.
    package struct Outcome: Sendable {
        package let file: GatewayFile?
        /// In the order of the file.
        package let diagnostics: [Diagnostic]
    }

    package static func parse(_ text: String, fileName: String = "eigd.toml") -> Outcome {
        let report = Report(file: fileName, text: text)
        let file = read(text, into: report)
        return Outcome(file: file, diagnostics: report.diagnostics.sorted())
    }

    static func read(_ text: String, into report: Report) -> GatewayFile? {
        do throws(TOMLError) {
            let root = try TOML.parse(text)
            guard case .table(let table) = root.kind else { return nil }
            let reader = TableReader(table, at: root.position, title: "", report: report)
            let file = GatewayReader(root: reader).file(origins: Origins(file: report.file, root: root))
            return report.diagnostics.hasErrors ? nil : file
        } catch {
            report.add(error)
            return nil
        }
    }
}

/// Takes the gateway's configuration out of the root table of `eigd.toml`.
struct GatewayReader {
    let root: TableReader

    var report: Report { root.report }

    /// Nothing when a required part is missing or wrong; what is wrong was reported.
    func file(origins: Origins) -> GatewayFile? {
        let listen = listen()
        let server = server()
        let tls = tls()
        let workerCount = workerCount()
        let internalFrom = internalFrom()
        let backends = root.tables("backend", count: 1...64).compactMap { backend($0) }
        let routes = root.tables("route", count: 1...1000).compactMap { route($0) }
        let timeouts = timeouts()
        let limits = limits()
        let store = store()
        let relay = relay(backends)
        let log = log()
        let metrics = metrics()
        root.close()
        guard let listen, let server, let internalFrom else { return nil }
        let file = GatewayFile(
            listen: listen,
            server: server,
            tls: tls,
            workerCount: workerCount,
            internalFrom: internalFrom,
            backends: backends,
            routes: routes,
            timeouts: timeouts,
            limits: limits,
            store: store,
            relay: relay,
            log: log,
            metrics: metrics,
            origins: origins
        )
        if !report.diagnostics.hasErrors { GatewayLint(file: file, report: report).run() }
        return file
    }

    private func listen() -> ListenRule? {
        guard let table = root.table("listen", required: true) else { return nil }
        let partners = table.endpoints("partners", count: 1...16)
        let `internal` = table.endpoints("internal", count: 1...16)
        let control = table.absolutePath("control") ?? ListenRule.controlDefault
        table.close()
        guard let partners, let `internal` else { return nil }
        return ListenRule(partners: partners, internal: `internal`, control: control)
    }

    private func server() -> ServerRule? {
        guard let table = root.table("server", required: true) else { return nil }
        let names = table.hostNames("names", count: 1...16)
        let certificate = table.fileName("certificate", required: true, example: "\"edge.pem\"")
        let key = table.secretName("key", required: true, example: "\"edge.key\"")
        table.close()
        guard let names, let certificate, let key else { return nil }
        return ServerRule(names: names, certificate: certificate, key: key)
    }

    private func workerCount() -> Int {
        guard let table = root.table("workers") else { return 0 }
        let count = table.integer("count", in: 0...256) ?? 0
        table.close()
        return count
    }

    private func internalFrom() -> [IPPrefix]? {
        guard let table = root.table("internal", required: true) else { return nil }
        let from = table.prefixes("from", count: 1...100)
        table.close()
        return from
    }

    private func backend(_ table: TableReader) -> BackendRule? {
        let rule = "it must be a-z, then up to 31 of a-z, 0-9, _ and -, and not \"relay\""
        let name = table.parsed("name", required: true, .identifier, rule, example: "\"txn\"") {
            BackendRule.isName($0) ? $0 : nil
        }
        let addressRule = "it must be an address and a port"
        let address = table.parsed("address", required: true, .address, addressRule, example: "\"10.20.0.10:8080\"") {
            IPEndpoint($0)
        }
        let connectionsMax = table.integer("connections", in: 1...65_535) ?? 256
        let callbackPath = path("callback-path", table) ?? "/callbacks"
        table.close()
        guard let name, let address else { return nil }
        return BackendRule(name: name, address: address, connectionsMax: connectionsMax, callbackPath: callbackPath)
    }

    private func path(_ key: String, required: Bool = false, _ table: TableReader) -> String? {
        let rule = "it must begin with / and hold only characters a path may hold, with no empty, `.` or `..` segment"
        return table.parsed(key, required: required, .path, rule, example: "\"/eig/\"") { text in
            text.utf8.count <= 1024 && RequestPath.isPlain(text) ? text : nil
        }
    }

    private func route(_ table: TableReader) -> RouteRule? {
        let methodRule = "it must be one method in capitals, or *"
        let method = table.parsed("method", .method, methodRule, example: "\"POST\"") { text in
            let isToken = (1...16).contains(text.utf8.count) && text.utf8.allSatisfy { (0x41...0x5a).contains($0) }
            return text == "*" || (isToken && text != "CONNECT") ? text : nil
        }
        let path = path("path", required: true, table)
        let match: RouteRule.Match? = table.choice("match")
        let roles = roles(table)
        let to = table.string("to", required: true, example: "\"txn\"")
        table.close()
        guard let path, let roles, let to else { return nil }
        return RouteRule(
            method: method == "*" ? nil : method,
            path: path,
            match: match ?? (path.hasSuffix("/") ? .prefix : .exact),
            roles: roles,
            target: to.value == "relay" ? .relay : .backend(to.value)
        )
    }

    private func roles(_ table: TableReader) -> Set<PartnerRole>? {
        let words = PartnerRole.allCases.map(\.rawValue) + ["any"]
        guard let text = table.string("role", required: true, example: "\"send\"") else { return nil }
        if text.value == "any" { return Set(PartnerRole.allCases) }
        if let role = PartnerRole(rawValue: text.value) { return [role] }
        table.badChoice("role", text, among: words)
        return nil
    }
}

extension BackendRule {
    /// `[a-z][a-z0-9_-]{0,31}`, and not `relay`, which routes use for the relay itself.
    package static func isName(_ text: String) -> Bool {
        guard (1...32).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7a).contains(first) else {
            return false
        }
        return text != "relay"
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "_-".utf8.contains($0)
            }
    }
}
