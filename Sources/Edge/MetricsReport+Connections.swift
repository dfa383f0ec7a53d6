// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Engine
internal import Partners
internal import Synchronization
internal import TLS

extension MetricsReport {
    /// What eigd calls: backends, and partners' endpoints.
    func upstreams(_ page: inout MetricsPage) {
        let all = snapshot.targets.map { (labels: [("upstream", $0.name)], counters: $0.counters) }
        page.counter(
            "eig_upstream_requests_total",
            "Requests sent to an upstream, deliveries of callbacks included.",
            all.map { ($0.labels, Double($0.counters.requests.load(ordering: .relaxed))) }
        )
        page.counter(
            "eig_upstream_failures_total",
            "Requests an upstream gave no complete answer to, by reason.",
            all.flatMap { upstream in
                let counts = upstream.counters.failuresByReason
                return UpstreamFailure.codes.map { code in
                    (upstream.labels + [("reason", code)], Double(counts[code] ?? 0))
                }
            }
        )
        page.histogram(
            "eig_upstream_response_duration_seconds",
            "From the end of a request's head to the head of the upstream's answer; deliveries of callbacks are not in it.",
            all.map { ($0.labels, $0.counters.answerDurations) }
        )
        page.gauge(
            "eig_upstream_connections",
            "Connections to an upstream, by whether they carry a request.",
            all.flatMap { upstream in
                let idle = upstream.counters.idle.load(ordering: .relaxed)
                let live = upstream.counters.live.load(ordering: .relaxed)
                return [("busy", max(0, live - idle)), ("idle", max(0, idle))].map { state, count in
                    (upstream.labels + [("state", state)], Double(count))
                }
            }
        )
    }

    /// Who connects.
    func listeners(_ page: inout MetricsPage) {
        let all = gateway.environment.listeners.map { listener in
            let kind = listener.side == .partners ? "partners" : "internal"
            return (labels: [("listener", kind), ("address", listener.endpoint.description)], listener: listener)
        }
        page.gauge(
            "eig_listener_connections",
            "Connections open.",
            all.map { ($0.labels, Double($0.listener.live.load(ordering: .relaxed))) }
        )
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
        page.gauge(
            "eig_connections_max",
            "Connections of partners that may be open at once.",
            Double(min(snapshot.gateway.limits.connectionsMax, gateway.environment.connectionsMax))
        )
    }

    /// TLS of partners.
    func handshakes(_ page: inout MetricsPage) {
        let all = gateway.environment.counters
        let fullCount = all.reduce(0) { $0 + $1.handshakesFull.load(ordering: .relaxed) }
        let resumedCount = all.reduce(0) { $0 + $1.handshakesResumed.load(ordering: .relaxed) }
        page.counter(
            "eig_handshakes_total",
            "TLS handshakes of partners that ended well, before anything was decided.",
            [([("resumed", "no")], Double(fullCount)), ([("resumed", "yes")], Double(resumedCount))]
        )
        page.counter(
            "eig_handshakes_failed_total",
            "TLS handshakes of partners that came to nothing, by reason.",
            HandshakeFault.allCases.map { fault in
                ([("reason", "\(fault.code)")], Double(all.reduce(0) { $0 + $1.faultCount(fault) }))
            }
        )
        let chains = snapshot.server.chainCounts
        page.counter(
            "eig_client_chains_total",
            "Certificate chains of partners that stood, known from an earlier handshake or not, since the last reload.",
            [([("known", "no")], Double(chains.verified)), ([("known", "yes")], Double(chains.known))]
        )
        let counts = snapshot.server.ticketCounts
        page.gauge("eig_sessions", "TLS sessions that can be resumed.", Double(counts.remembered))
        page.counter(
            "eig_sessions_forgotten_total",
            "TLS sessions forgotten early for lack of room, since the last reload.",
            counts.forgotten
        )
    }
}
