// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners
internal import Synchronization

extension MetricsReport {
    /// What partners ask, and what they get.
    func partners(_ page: inout MetricsPage) {
        let all = snapshot.directory.records.map { record in
            (labels: [("partner", record.id.rawValue)], record: record, runtime: record.runtime)
        }
        page.gauge(
            "eig_partner_enabled",
            "Whether a partner may do anything.",
            all.map { ($0.labels, $0.record.partner.isEnabled ? 1 : 0) }
        )
        page.counter(
            "eig_partner_requests_total",
            "Answers to a partner by the class of their status; none: cut before an answer began.",
            all.flatMap { partner in
                zip(StatusClassCounter.names, partner.runtime.answers.reading).map { name, count in
                    (partner.labels + [("code", name)], Double(count))
                }
            }
        )
        page.histogram(
            "eig_partner_request_duration_seconds",
            "From the end of a request's head to the last byte of its answer.",
            all.map { ($0.labels, $0.runtime.durations) }
        )
        page.counter(
            "eig_partner_refusals_total",
            "Refusals of a partner's connections and requests, by reason.",
            all.flatMap { partner in
                partner.runtime.refusalsByReason.sorted { $0.key < $1.key }.map { reason, count in
                    (partner.labels + [("reason", reason)], Double(count))
                }
            }
        )
        page.gauge(
            "eig_partner_requests_in_flight",
            "Requests of a partner being answered.",
            all.map { ($0.labels, Double($0.runtime.concurrent.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_partner_requests_in_flight_max",
            "Requests of a partner that may be answered at a time.",
            all.map { ($0.labels, Double($0.record.partner.limits.concurrent)) }
        )
        page.gauge(
            "eig_partner_connections",
            "Connections of a partner.",
            all.map { ($0.labels, Double($0.runtime.connectionsLive.load(ordering: .relaxed))) }
        )
        page.gauge(
            "eig_partner_last_request_timestamp_seconds",
            "When a partner last asked for something, since 1970; 0: not since start.",
            all.map { ($0.labels, Double($0.runtime.lastRequestSeconds.load(ordering: .relaxed))) }
        )
    }
}
