// SPDX-License-Identifier: Apache-2.0
internal import AccessStore
internal import Base
internal import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// The gate's numbers for Prometheus.
extension GateService {
    var metrics: MetricsPage {
        let now = Clock.wall()
        var page = MetricsPage()
        page.program("eig_jump", startedAt: startedAt)
        addConfiguration(&page)
        addConnections(&page)
        addSessions(&page)
        addAudit(&page)
        addGrants(&page, now)
        return page
    }

    private func addConfiguration(_ page: inout MetricsPage) {
        let (snapshot, attempt) = (snapshot, attempt)
        page.gauge(
            "eig_jump_config_generation",
            "Configurations taken on since start.",
            Double(snapshot.configuration.number)
        )
        page.gauge("eig_jump_last_reload_successful", "Whether the last reload was taken.", attempt.refused == nil)
        page.gauge(
            "eig_jump_last_reload_timestamp_seconds",
            "When a configuration was last taken or refused, since 1970.",
            Double(attempt.at.seconds)
        )
        page.gauge(
            "eig_jump_certificate_expiry_timestamp_seconds",
            "When a certificate the gate works with expires, since 1970.",
            snapshot.configuration.certificates.map { use in
                ([("use", use.use), ("file", use.file)], Double(use.certificate.notAfter.seconds))
            }
        )
    }

    private func addConnections(_ page: inout MetricsPage) {
        func perListener(_ value: (Listener) -> Int) -> [MetricsPage.Sample] {
            environment.listeners.map { ([("address", $0.endpoint.description)], Double(value($0))) }
        }
        page.gauge(
            "eig_jump_connections",
            "Connections of administrators.",
            perListener { $0.live.load(ordering: .relaxed) }
        )
        let gate = snapshot.rules.gate
        page.gauge(
            "eig_jump_connections_max",
            "Connections there may be.",
            Double(min(gate.connectionsMax, environment.connectionsMax))
        )
        page.counter(
            "eig_jump_connections_accepted_total",
            "Connections taken.",
            perListener { $0.accepted.load(ordering: .relaxed) }
        )
        page.counter(
            "eig_jump_handshakes_total",
            "TLS handshakes that ended well.",
            environment.counters.handshakes.load(ordering: .relaxed)
        )
        page.counter(
            "eig_jump_handshake_failures_total",
            "TLS handshakes that did not, by what was wrong.",
            environment.counters.faults.map { ([("reason", "\($0.0.code)")], Double($0.1)) }
        )
        page.counter(
            "eig_jump_refusals_total",
            "Connections and questions refused, by reason.",
            Self.samples(environment.counters.refusalsByReason, "reason")
        )
    }

    private func addSessions(_ page: inout MetricsPage) {
        let sessions = environment.board.sessions
        let counters = environment.counters
        page.gauge("eig_jump_sessions", "Live sessions.", Double(sessions.count))
        page.gauge(
            "eig_jump_break_glass_sessions",
            "Live sessions that nobody approved.",
            Double(sessions.count(where: \.isBreakGlass))
        )
        page.counter(
            "eig_jump_sessions_total",
            "Sessions that were begun.",
            counters.admitted.load(ordering: .relaxed)
        )
        page.counter(
            "eig_jump_session_ends_total",
            "Sessions that ended, by reason.",
            Self.samples(counters.endsByReason, "reason")
        )
        let live = sessions.reduce((0, 0)) {
            ($0.0 + $1.bytesIn.load(ordering: .relaxed), $0.1 + $1.bytesOut.load(ordering: .relaxed))
        }
        page.counter(
            "eig_jump_bytes_total",
            "Bytes relayed, by direction as the target sees it.",
            [
                ([("direction", "in")], Double(counters.bytesIn.load(ordering: .relaxed) + live.0)),
                ([("direction", "out")], Double(counters.bytesOut.load(ordering: .relaxed) + live.1)),
            ]
        )
        page.counter(
            "eig_jump_target_failures_total",
            "Targets that did not answer, by target.",
            Self.samples(counters.faultsByTarget, "target")
        )
    }

    private func addAudit(_ page: inout MetricsPage) {
        page.gauge(
            "eig_jump_audit_writable",
            "Whether the audit log took the last event: 0 and nobody is admitted.",
            environment.audit.currentTrouble == nil
        )
        page.counter(
            "eig_jump_audit_events_lost_total",
            "Events that could not be told and were dropped.",
            environment.audit.lostCount
        )
    }

    private func addGrants(_ page: inout MetricsPage, _ now: WallInstant) {
        let status = GateStatusDocument.Grants(grants.grants, at: now)
        page.gauge(
            "eig_jump_grants",
            "Grants, by state.",
            [
                ([("state", "pending")], Double(status.pending)), ([("state", "scheduled")], Double(status.scheduled)),
                ([("state", "active")], Double(status.active)),
            ]
        )
        page.gauge(
            "eig_jump_break_glass_active",
            "Uses of break-glass that let somebody in now.",
            Double(status.breakGlassActive)
        )
        page.gauge(
            "eig_jump_break_glass_reviews_open",
            "Uses of break-glass nobody else has looked at.",
            Double(status.reviewsOpen)
        )
        let lockouts = environment.lockouts.entries(at: now)
        page.gauge("eig_jump_lockouts", "People and addresses that are locked out.", Double(lockouts.count))
        page.gauge(
            "eig_jump_last_review_timestamp_seconds",
            "When the last review was signed, or could first have been, since 1970.",
            Double((grants.signatures.first?.at ?? grants.reviewableSince).seconds)
        )
        page.gauge(
            "eig_jump_store_writable",
            "Whether grants can be kept: 0 and none is given.",
            grants.trouble == nil
        )
    }

    private static func samples(_ counts: [String: Int], _ label: String) -> [MetricsPage.Sample] {
        counts.sorted { $0.key < $1.key }.map { ([(label, $0.key)], Double($0.value)) }
    }
}
