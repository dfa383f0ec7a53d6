// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can be told from `eigd.toml` as a whole, once each key of it is right.
struct GatewayLint {
    let file: GatewayFile
    let report: Report

    func run() {
        checkListeners()
        checkBackends()
        checkRoutes()
        checkRelay()
        checkMetrics()
    }

    private func checkListeners() {
        for (index, endpoint) in file.listen.internal.enumerated() where file.listen.partners.contains(endpoint) {
            let message = "\(endpoint) is both a partner listener and an inside listener"
            let origin = file.origins["listen.internal[\(index)]"]
            report.add(.conflict, at: origin, message, mend: "give the inside its own address or port")
        }
    }

    private func checkBackends() {
        var seen: Set<String> = []
        for (index, backend) in file.backends.enumerated() where !seen.insert(backend.name).inserted {
            let message = "two backends are called \(quoted(backend.name))"
            report.add(.repeated, at: file.origins["backend[\(index)].name"], message, mend: "give each its own name")
        }
    }

    private func checkRoutes() {
        struct Key: Hashable {
            let method: String?
            let path: String
            let match: RouteRule.Match
            let role: PartnerRole
        }
        var seen: [Key: Int] = [:]
        for (index, route) in file.routes.enumerated() {
            if case .backend(let name) = route.target { checkBackend(name, at: "route[\(index)].to") }
            for role in PartnerRole.allCases where route.roles.contains(role) {
                let path =
                    route.match == .prefix && route.path.hasSuffix("/") ? String(route.path.dropLast()) : route.path
                let key = Key(method: route.method, path: path, match: route.match, role: role)
                guard let first = seen[key] else {
                    seen[key] = index
                    continue
                }
                let line = file.origins["route[\(first)]"].line
                let message = "this route matches what the route on line \(line) matches"
                report.add(.routeDuplicate, at: file.origins["route[\(index)]"], message, mend: "keep one of them")
                break
            }
        }
    }

    private func checkRelay() {
        for (index, name) in file.relay.receiverCallbacksTo.enumerated() {
            checkBackend(name, at: "relay.receiver-callbacks-to[\(index)]")
        }
        for (index, name) in file.relay.senderCopiesTo.enumerated() {
            checkBackend(name, at: "relay.sender-copies-to[\(index)]")
        }
    }

    /// Partners must not reach the numbers of each other.
    private func checkMetrics() {
        guard let endpoint = file.metrics.listen else { return }
        let origin = file.origins["metrics.listen"]
        if endpoint.address.isUnspecified {
            let message = "\(endpoint) would offer the metrics on every address of this host, partners' included"
            let mend = "write one address: 127.0.0.1, or one that only administrators reach, with `from`"
            report.add(.conflict, at: origin, message, mend: mend)
            return
        }
        for (index, other) in (file.listen.partners + file.listen.internal).enumerated()
        where other.port == endpoint.port && other.address.isV4 == endpoint.address.isV4
            && (other.address == endpoint.address || other.address.isUnspecified)
        {
            let isPartners = index < file.listen.partners.count
            let message = "\(endpoint) is taken by the \(isPartners ? "partner" : "inside") listener \(other)"
            report.add(.conflict, at: origin, message, mend: "give the metrics a port of their own")
        }
        let hasNetworks = file.metrics.from != MetricsRule.thisHost
        if file.metrics.isLocal, hasNetworks {
            let message = "only this host reaches \(endpoint), so that `from` means nothing"
            report.add(.conflict, at: file.origins["metrics.from"], message, mend: "leave `from` out")
        } else if !file.metrics.isLocal, !hasNetworks {
            let message = "others than this host reach \(endpoint), and nothing says who may read there"
            let mend = "add `from = [\"192.0.2.7\"]`, the addresses of your Prometheus, or listen on 127.0.0.1"
            report.add(.missingKey, at: origin, message, mend: mend)
        }
    }

    private func checkBackend(_ name: String, at path: String) {
        let names = file.backends.map(\.name)
        guard !names.contains(name) else { return }
        let words = path.hasPrefix("route") ? names + ["relay"] : names
        let hint =
            Spelling.nearest(to: name, among: words).map { "did you mean \(quoted($0))?" }
            ?? "use one of \(words.map(quoted).joined(separator: ", "))"
        report.add(.backendUnknown, at: file.origins[path], "there is no backend \(quoted(name))", mend: hint)
    }
}
