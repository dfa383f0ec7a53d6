// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Engine
internal import LinuxIO
internal import Synchronization
internal import TLS

/// The gateway's numbers; `docs/operations/monitoring.md` says what each is for.
///
/// Made on the reader's thread from counters that workers write without waiting. Its size is bounded by what is
/// configured: some forty lines and the refusals' reasons for each partner.
struct MetricsReport {
    let gateway: Gateway
    let snapshot: Snapshot

    init(_ gateway: Gateway) {
        self.gateway = gateway
        snapshot = gateway.snapshot
    }

    var page: MetricsPage {
        var page = MetricsPage()
        page.program("eig", startedAt: gateway.startedAt)
        configuration(&page)
        workers(&page)
        partners(&page)
        upstreams(&page)
        listeners(&page)
        handshakes(&page)
        relay(&page)
        certificates(&page)
        return page
    }

    private func configuration(_ page: inout MetricsPage) {
        let attempt = gateway.attempt
        page.gauge("eig_config_generation", "Configurations taken since start.", Double(snapshot.generation))
        page.gauge(
            "eig_config_last_reload_successful",
            "Whether the last reload was taken.",
            attempt.refused == nil
        )
        page.gauge(
            "eig_config_last_reload_timestamp_seconds",
            "When a configuration was last read, taken or not, since 1970.",
            Double(attempt.at.seconds)
        )
        page.gauge(
            "eig_config_last_reload_success_timestamp_seconds",
            "When the configuration in force was read, since 1970.",
            Double(snapshot.loadedAt.seconds)
        )
    }

    private func workers(_ page: inout MetricsPage) {
        let all = gateway.environment.counters.enumerated().map { (labels: [("worker", String($0))], counters: $1) }
        page.counter(
            "eig_requests_total",
            "Requests whose head was read, of partners and of backends.",
            all.map { ($0.labels, Double($0.counters.requests.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_connections",
            "Connections open, to partners and to backends.",
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
            "Log lines dropped because their reader was behind.",
            gateway.environment.log.lostCount
        )
        page.counter(
            "eig_log_lines_skipped_total",
            "Log lines about refusals that were not written, for there were too many in that second.",
            all.reduce(0) { $0 + $1.counters.logLinesSkipped.load(ordering: .relaxed) }
        )
    }

    private func certificates(_ page: inout MetricsPage) {
        page.gauge(
            "eig_certificate_expiry_timestamp_seconds",
            "When a certificate ends, since 1970: the server's, partners' authorities, our identities.",
            snapshot.certificates.map { use in
                let labels = [("use", use.use), ("partner", use.partner ?? ""), ("file", use.file)]
                return (labels + [("serial", use.certificate.serial)], Double(use.certificate.notAfter.seconds))
            }
        )
    }
}

extension MetricsPage {
    /// Durations by their labels.
    mutating func histogram(_ name: String, _ help: String, _ all: [(labels: Labels, durations: DurationHistogram)]) {
        histogram(
            name,
            help,
            bounds: DurationHistogram.boundsSeconds,
            all.map {
                let reading = $0.durations.reading
                return ($0.labels, reading.counts, reading.seconds)
            }
        )
    }
}
