// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import LinuxIO
internal import Synchronization
internal import TLS

/// The gateway's numbers in the Prometheus text format, version 0.0.4.
struct MetricsReport {
    private let gateway: Gateway

    init(_ gateway: Gateway) { self.gateway = gateway }

    var page: MetricsPage {
        var page = MetricsPage()
        let snapshot = gateway.snapshot
        page.gauge("eig_config_generation", "Configurations taken since start.", [([], Double(snapshot.generation))])
        page.gauge(
            "eig_config_last_reload_ok",
            "Whether the last reload was taken.",
            [([], gateway.attempt.refused == nil ? 1 : 0)]
        )
        workers(&page)
        partners(snapshot, &page)
        upstreams(snapshot, &page)
        listeners(&page)
        sessions(snapshot, &page)
        relay(&page)
        certificates(snapshot, &page)
        return page
    }

    private func workers(_ page: inout MetricsPage) {
        let all = gateway.environment.counters.enumerated().map { (labels: [("worker", String($0))], counters: $1) }
        page.counter(
            "eig_requests_total",
            "Requests whose head was read.",
            all.map { ($0.labels, Double($0.counters.requests.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_connections",
            "Connections open, both sides.",
            all.map { ($0.labels, Double($0.counters.connectionsLive.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_malformed_requests_total",
            "Requests that were not the HTTP we speak.",
            all.map { ($0.labels, Double($0.counters.malformed.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_refusals_total",
            "Connections and requests refused, by reason.",
            DenialReason.allCases.map { reason in
                let count = all.reduce(0) { $0 + $1.counters.refusalCount(reason) }
                let isTimeout = reason == .outcomeUnknownTimeout
                return ([("reason", isTimeout ? "outcome_unknown_timeout" : "\(reason.code)")], Double(count))
            }
        )
        page.counter(
            "eig_log_lines_lost_total",
            "Log lines dropped because the writer was behind.",
            [([], Double(gateway.environment.log.lostCount))]
        )
    }

    private func partners(_ snapshot: Snapshot, _ page: inout MetricsPage) {
        let all = snapshot.directory.records.map { (labels: [("partner", $0.id.rawValue)], runtime: $0.runtime) }
        page.counter(
            "eig_partner_requests_total",
            "Requests of a partner.",
            all.map { ($0.labels, Double($0.runtime.requestsTotal.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_partner_refusals_total",
            "Refusals of a partner's connections and requests.",
            all.map { ($0.labels, Double($0.runtime.refusedTotal.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_partner_requests_in_flight",
            "Requests of a partner being answered.",
            all.map { ($0.labels, Double($0.runtime.concurrent.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_partner_connections",
            "Connections of a partner.",
            all.map { ($0.labels, Double($0.runtime.connectionsLive.load(ordering: .relaxed))) }
        )
    }

    private func upstreams(_ snapshot: Snapshot, _ page: inout MetricsPage) {
        let all = snapshot.targets.map { (labels: [("upstream", $0.name)], counters: $0.counters) }
        page.counter(
            "eig_upstream_requests_total",
            "Requests sent to an upstream.",
            all.map { ($0.labels, Double($0.counters.requests.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_upstream_failures_total",
            "Requests an upstream gave no complete answer to.",
            all.map { ($0.labels, Double($0.counters.failures.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_upstream_connections",
            "Connections to an upstream.",
            all.map { ($0.labels, Double($0.counters.live.load(ordering: .relaxed))) }
        )
    }

    private func listeners(_ page: inout MetricsPage) {
        let all = gateway.environment.listeners.map { (labels: [("address", $0.endpoint.description)], listener: $0) }
        page.counter(
            "eig_listener_accepted_total",
            "Connections accepted.",
            all.map { ($0.labels, Double($0.listener.accepted.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_listener_refused_total",
            "Connections closed before a byte was read.",
            all.map { ($0.labels, Double($0.listener.refused.load(ordering: .relaxed))) }
        )
    }

    private func sessions(_ snapshot: Snapshot, _ page: inout MetricsPage) {
        let all = gateway.environment.counters
        let fullCount = all.reduce(0) { $0 + $1.handshakesFull.load(ordering: .relaxed) }
        let resumedCount = all.reduce(0) { $0 + $1.handshakesResumed.load(ordering: .relaxed) }
        page.counter(
            "eig_handshakes_total",
            "TLS handshakes of partners that ended, before anything was decided.",
            [([("resumed", "no")], Double(fullCount)), ([("resumed", "yes")], Double(resumedCount))]
        )
        let chains = snapshot.server.chainCounts
        page.counter(
            "eig_client_chains_total",
            "Certificate chains of partners that stood, known from an earlier handshake or not, since the last reload.",
            [([("known", "no")], Double(chains.verified)), ([("known", "yes")], Double(chains.known))]
        )
        let counts = snapshot.server.ticketCounts
        page.gauge("eig_sessions", "TLS sessions that can be resumed.", [([], Double(counts.remembered))])
        page.counter(
            "eig_sessions_forgotten_total",
            "TLS sessions forgotten early for lack of room, since the last reload.",
            [([], Double(counts.forgotten))]
        )
    }

    private func relay(_ page: inout MetricsPage) {
        let metrics = gateway.environment.relay.metrics
        for (name, help, value) in [
            ("eig_relay_accepted_total", "Callbacks stored.", metrics.acceptedCount),
            ("eig_relay_duplicates_total", "Callbacks that were stored already.", metrics.duplicateCount),
            ("eig_relay_conflicts_total", "Keys used again with another body.", metrics.conflictCount),
            ("eig_relay_overloaded_total", "Callbacks told to come back later.", metrics.overloadedCount),
            ("eig_relay_delivered_total", "Deliveries acknowledged.", metrics.deliveredCount),
            ("eig_relay_failed_attempts_total", "Attempts not acknowledged.", metrics.failedAttemptCount),
            ("eig_relay_dead_total", "Deliveries given up.", metrics.deadCount),
            ("eig_relay_commits_total", "Transactions synced.", metrics.commitCount),
        ] {
            page.counter(name, help, [([], Double(value))])
        }
        page.gauge("eig_relay_store_bytes", "Size of the store.", [([], Double(metrics.storeBytes))])
        page.gauge("eig_relay_wal_bytes", "Size of its write-ahead log.", [([], Double(metrics.logBytes))])
        page.gauge("eig_relay_accepting", "Whether there is room for more.", [([], metrics.room == .enough ? 1 : 0)])
        let all = metrics.endpoints.map { (labels: [("destination", $0.destination)], endpoint: $0) }
        page.gauge("eig_relay_backlog", "Undelivered items.", all.map { ($0.labels, Double($0.endpoint.backlogCount)) })
        page.gauge("eig_relay_held", "Dead letters in the way.", all.map { ($0.labels, Double($0.endpoint.heldCount)) })
        page.gauge(
            "eig_relay_oldest_due_seconds",
            "How late the oldest due item is.",
            all.map { ($0.labels, Double($0.endpoint.oldestDueAge?.milliseconds ?? 0) / 1000) }
        )
    }

    private func certificates(_ snapshot: Snapshot, _ page: inout MetricsPage) {
        let now = Clock.wall().seconds
        page.gauge(
            "eig_certificate_expiry_seconds",
            "Seconds until a certificate ends.",
            snapshot.certificates.map { use in
                let labels = [("use", use.use), ("partner", use.partner ?? ""), ("file", use.file)]
                return (labels + [("serial", use.certificate.serial)], Double(use.certificate.notAfter.seconds - now))
            }
        )
    }
}
