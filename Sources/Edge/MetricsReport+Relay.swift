// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import Partners
internal import Synchronization

extension MetricsReport {
    /// Callbacks: what was taken, where it is stored, and what waits where.
    func relay(_ page: inout MetricsPage) {
        let metrics = gateway.environment.relay.metrics
        for (name, help, value) in [
            ("eig_relay_accepted_total", "Callbacks stored.", metrics.acceptedCount),
            ("eig_relay_duplicates_total", "Callbacks that were stored already.", metrics.duplicateCount),
            ("eig_relay_conflicts_total", "Keys used again with another body.", metrics.conflictCount),
            ("eig_relay_overloaded_total", "Callbacks told to come back later.", metrics.overloadedCount),
            ("eig_relay_corrupt_bodies_total", "Stored bodies that do not match their hash.", metrics.corruptBodyCount),
        ] {
            page.counter(name, help, value)
        }
        store(metrics, &page)
        destinations(metrics.endpoints, &page)
    }

    private func store(_ metrics: RelayMetrics, _ page: inout MetricsPage) {
        page.histogram(
            "eig_relay_commit_duration_seconds",
            "From the first statement of a transaction until it is on the disk.",
            bounds: CommitDurations.boundsSeconds,
            [([], metrics.commits.counts, metrics.commits.seconds)]
        )
        page.gauge("eig_relay_store_bytes", "Size of what is stored.", Double(metrics.storeBytes))
        page.gauge("eig_relay_wal_bytes", "Size of its write-ahead log.", Double(metrics.logBytes))
        page.gauge(
            "eig_relay_volume_free_bytes",
            "Room on the volume of the store.",
            metrics.freeBytes.map { [([], Double($0))] } ?? []
        )
        page.gauge(
            "eig_relay_volume_free_min_bytes",
            "With less room than this no callback is taken.",
            Double(snapshot.gateway.store.freeBytesMin)
        )
        page.gauge("eig_relay_accepting", "Whether callbacks are taken.", metrics.room == .enough)
        page.gauge(
            "eig_relay_backlog_max",
            "Undelivered items from which on no callback is taken.",
            Double(snapshot.gateway.store.backlogMax)
        )
    }

    private func destinations(_ endpoints: [RelayMetrics.Endpoint], _ page: inout MetricsPage) {
        let all = endpoints.map { (labels: [("destination", $0.destination)], endpoint: $0) }
        page.counter(
            "eig_relay_attempts_total",
            "Attempts at a delivery, by what came of them.",
            all.flatMap { labels, endpoint in
                [("delivered", endpoint.deliveredCount), ("failed", endpoint.failedAttemptCount)].map { result, count in
                    (labels + [("result", result)], Double(count))
                }
            }
        )
        page.counter(
            "eig_relay_dead_total",
            "Deliveries given up.",
            all.map { ($0.labels, Double($0.endpoint.deadCount)) }
        )
        page.gauge("eig_relay_backlog", "Undelivered items.", all.map { ($0.labels, Double($0.endpoint.backlogCount)) })
        page.gauge(
            "eig_relay_held",
            "Dead letters that hold what comes behind them.",
            all.map { ($0.labels, Double($0.endpoint.heldCount)) }
        )
        page.gauge(
            "eig_relay_in_flight",
            "Attempts being made.",
            all.map { ($0.labels, Double($0.endpoint.inFlightCount)) }
        )
        page.gauge(
            "eig_relay_oldest_due_seconds",
            "How late the oldest due item is.",
            all.map { ($0.labels, Self.seconds($0.endpoint.oldestDueAge)) }
        )
        page.gauge(
            "eig_relay_oldest_age_seconds",
            "How long ago the longest waiting item was accepted; a lower bound beyond 10,000 transactions.",
            all.map { ($0.labels, Self.seconds($0.endpoint.oldestAge)) }
        )
        page.gauge(
            "eig_relay_breaker",
            "1 for the state of a destination's breaker: closed lets everything through, parked nothing until a reload.",
            all.flatMap { labels, endpoint in
                ["closed", "open", "probing", "recovering", "parked"].map { state in
                    (labels + [("state", state)], endpoint.state == state ? 1 : 0)
                }
            }
        )
    }

    private static func seconds(_ duration: Duration?) -> Double { Double(duration?.milliseconds ?? 0) / 1000 }
}
