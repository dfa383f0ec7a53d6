// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// The tables of `eigd.toml` that may be left out.
extension GatewayReader {
    func tls() -> TLSRule {
        var tls = TLSRule()
        guard let table = root.table("tls") else { return tls }
        if let count = table.integer("sessions-max", in: 0...1_000_000) { tls.sessionsMax = count }
        if let lifetime = table.duration("session-lifetime", in: .seconds(1)...(.seconds(300))) {
            tls.sessionLifetime = lifetime
        }
        table.close()
        return tls
    }

    func timeouts() -> GatewayTimeouts {
        var timeouts = GatewayTimeouts()
        guard let table = root.table("timeouts") else { return timeouts }
        let range = Duration.milliseconds(100)...(.seconds(600))
        let settings: [(String, WritableKeyPath<GatewayTimeouts, Duration>)] = [
            ("handshake", \.handshake),
            ("head", \.head),
            ("idle", \.idle),
            ("connect", \.connect),
            ("response", \.response),
            ("backend-idle", \.backendIdle),
            ("drain", \.drain),
        ]
        for (key, setting) in settings {
            if let duration = table.duration(key, in: range) { timeouts[keyPath: setting] = duration }
        }
        if let rate = table.integer("body-bytes-per-second", in: 1...1_000_000) {
            timeouts.bodyBytesPerSecondMin = rate
        }
        table.close()
        return timeouts
    }

    func limits() -> GatewayLimits {
        var limits = GatewayLimits()
        guard let table = root.table("limits") else { return limits }
        if let count = table.integer("connections", in: 1...1_000_000) { limits.connectionsMax = count }
        if let rate = table.integer("handshakes-per-second", in: 1...100_000) { limits.handshakesPerSecond = rate }
        if let burst = table.integer("handshakes-burst", in: 1...100_000) { limits.handshakesBurst = burst }
        table.close()
        return limits
    }

    func store() -> StoreRule {
        var store = StoreRule()
        guard let table = root.table("store") else { return store }
        if let path = table.absolutePath("path") { store.path = path }
        if let count = table.integer("backlog-max", in: 1...100_000_000) { store.backlogMax = count }
        if let bytes = table.integer("reserve-bytes", in: 0...17_179_869_184) { store.reserveBytes = bytes }
        if let bytes = table.integer("free-bytes", in: 0...1_099_511_627_776) { store.freeBytesMin = bytes }
        table.close()
        return store
    }

    func relay(_ backends: [BackendRule]) -> RelayRule {
        var relay = RelayRule()
        relay.receiverCallbacksTo = backends.map(\.name)
        guard let table = root.table("relay") else { return relay }
        if let bytes = table.integer("body-bytes", in: 1...67_108_864) { relay.bodyBytesMax = bytes }
        if let retry = retry(table) { relay.retry = retry }
        if let age = table.duration("give-up-after", in: .seconds(60)...(.seconds(30 * 86_400))) {
            relay.giveUpAfter = age
        }
        if let timeout = table.duration("timeout", in: .seconds(1)...(.seconds(120))) { relay.timeout = timeout }
        if let policy: RelayRule.OrderPolicy = table.choice("on-dead") { relay.onDead = policy }
        if let names = backendNames("receiver-callbacks-to", count: 1...16, table) { relay.receiverCallbacksTo = names }
        if let names = backendNames("sender-copies-to", count: 0...16, table) { relay.senderCopiesTo = names }
        table.close()
        return relay
    }

    private func backendNames(_ key: String, count: ClosedRange<Int>, _ table: TableReader) -> [String]? {
        guard table.has(key) else { return nil }
        return table.list(key, count: count, example: "\"txn\"") { $0.value }
    }

    private func retry(_ table: TableReader) -> [Duration]? {
        guard table.has("retry") else { return nil }
        guard let items = table.items("retry", count: 1...32, example: "[\"1s\", \"5s\", \"30s\"]") else { return nil }
        var waits: [Duration] = []
        for item in items {
            guard let wait = table.duration(item, key: "retry", in: .milliseconds(100)...(.seconds(86_400))) else {
                continue
            }
            if let last = waits.last, wait < last {
                let message = "`retry`\(table.place) falls from \(last.text) to \(wait.text)"
                report.add(.conflict, at: item.position, message, mend: "put the waits in rising order")
            }
            waits.append(wait)
        }
        return waits.isEmpty ? nil : waits
    }

    func log() -> LogRule {
        var log = LogRule()
        guard let table = root.table("log") else { return log }
        if let access = table.boolean("access") { log.access = access }
        if let rate = table.integer("refusals-per-second", in: 1...10_000) { log.refusalsPerSecond = rate }
        table.close()
        return log
    }

    func metrics() -> MetricsRule {
        var metrics = MetricsRule()
        guard let table = root.table("metrics") else { return metrics }
        let rule = "it must be an address and a port"
        metrics.listen = table.parsed("listen", required: true, .address, rule, example: "\"127.0.0.1:9464\"") {
            IPEndpoint($0)
        }
        if table.has("from"), let from = table.prefixes("from", count: 1...16) { metrics.from = from }
        table.close()
        return metrics
    }
}
