// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// The gateway as one document: what `eigctl status` shows.
struct StatusReport {
    private let gateway: Gateway
    private let snapshot: Snapshot

    init(_ gateway: Gateway) {
        self.gateway = gateway
        snapshot = gateway.snapshot
    }

    var document: StatusDocument {
        let now = Clock.wall()
        let attempt = gateway.attempt
        var document = StatusDocument(
            program: ProgramStatus(
                name: "eigd",
                version: productVersion,
                pid: Int(Limits.processID),
                startedAt: gateway.startedAt.rfc3339,
                uptimeSeconds: Int((now - gateway.startedAt).components.seconds)
            ),
            configuration: ConfigurationStatus(
                generation: snapshot.generation,
                loadedAt: snapshot.loadedAt.rfc3339,
                lastAttempt: ConfigurationStatus.Attempt(
                    at: attempt.at.rfc3339,
                    ok: attempt.refused == nil,
                    message: attempt.refused
                )
            )
        )
        document.partners = snapshot.directory.records.map { partner($0) }
        document.backends = snapshot.targets.map { upstream($0) }
        document.listeners = gateway.environment.listeners.map { listener($0) }
        document.workers = gateway.environment.counters.enumerated().map { worker($0, $1) }
        document.relay = relay(gateway.environment.relay.metrics)
        document.certificates = snapshot.certificates.map { certificate($0, now: now) }.sorted {
            ($0.notAfter, $0.file) < ($1.notAfter, $1.file)
        }
        document.refusals = refusals
        let notices = gateway.listenDifference.lines
        document.notices = notices.isEmpty ? nil : notices
        return document
    }

    private func partner(_ record: PartnerRecord) -> PartnerStatus {
        let runtime = record.runtime
        var status = PartnerStatus(
            id: record.id.rawValue,
            name: record.partner.name,
            roles: record.partner.roles.map(\.rawValue).sorted(),
            isEnabled: record.partner.isEnabled
        )
        status.connectionsLive = runtime.connectionsLive.load(ordering: .relaxed)
        status.requestsConcurrent = runtime.concurrent.load(ordering: .relaxed)
        status.requestsTotal = runtime.requestsTotal.load(ordering: .relaxed)
        status.refusedTotal = runtime.refusedTotal.load(ordering: .relaxed)
        status.refusals = runtime.refusalsByReason.map { CountedReason(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
        let last = runtime.lastRequestSeconds.load(ordering: .relaxed)
        if last > 0 { status.lastRequestAt = WallInstant(seconds: Int64(last)).rfc3339 }
        return status
    }

    private func upstream(_ target: UpstreamTarget) -> BackendStatus {
        var status = BackendStatus(name: target.name, address: "\(target.host):\(target.port)")
        status.connectionsLive = target.counters.live.load(ordering: .relaxed)
        status.connectionsIdle = target.counters.idle.load(ordering: .relaxed)
        status.requestsTotal = target.counters.requests.load(ordering: .relaxed)
        status.failuresTotal = target.counters.failures.load(ordering: .relaxed)
        status.lastFailureAt = target.counters.lastFailure?.at.rfc3339
        status.lastFailure = target.counters.lastFailure?.why
        return status
    }

    private func listener(_ listener: Listener) -> ListenerStatus {
        var status = ListenerStatus(
            kind: listener.side == .partners ? "partners" : "internal",
            address: listener.endpoint.description
        )
        status.connectionsLive = listener.live.load(ordering: .relaxed)
        status.acceptedTotal = listener.accepted.load(ordering: .relaxed)
        status.refusedTotal = listener.refused.load(ordering: .relaxed)
        return status
    }

    private func worker(_ index: Int, _ counters: WorkerCounters) -> WorkerStatus {
        var status = WorkerStatus(index: index)
        status.connectionsLive = counters.connectionsLive.load(ordering: .relaxed)
        status.requestsTotal = counters.requests.load(ordering: .relaxed)
        return status
    }

    private func relay(_ metrics: RelayMetrics) -> RelayStatus {
        var status = RelayStatus()
        status.pending = metrics.backlogCount
        status.inFlight = metrics.endpoints.reduce(0) { $0 + $1.inFlightCount }
        status.dead = metrics.endpoints.reduce(0) { $0 + $1.heldCount }
        status.oldestDueSeconds = Int(metrics.oldestDueAge?.components.seconds ?? 0)
        status.acceptedTotal = metrics.acceptedCount
        status.deliveredTotal = metrics.deliveredCount
        status.attemptsTotal = metrics.deliveredCount + metrics.failedAttemptCount
        status.deadTotal = metrics.deadCount
        status.storeBytes = Int(metrics.storeBytes)
        status.isAccepting = metrics.room == .enough
        status.endpoints = metrics.endpoints.map { endpoint in
            let parts = endpoint.destination.split(separator: ":", maxSplits: 1)
            var status = RelayEndpointStatus(name: String(parts.last ?? ""), kind: String(parts.first ?? ""))
            status.pending = endpoint.backlogCount
            status.inFlight = endpoint.inFlightCount
            status.dead = endpoint.heldCount
            status.isPaused = endpoint.state != "closed"
            return status
        }
        return status
    }

    private func certificate(_ use: Snapshot.CertificateUse, now: WallInstant) -> CertificateStatus {
        let left = use.certificate.notAfter.seconds - now.seconds
        return CertificateStatus(
            use: use.use,
            partner: use.partner,
            file: use.file,
            subject: use.certificate.subject,
            notAfter: use.certificate.notAfter.rfc3339,
            daysLeft: Int((Double(left) / 86_400).rounded(.down))
        )
    }

    private var refusals: [CountedReason] {
        var counts: [String: Int] = [:]
        for counters in gateway.environment.counters {
            for reason in DenialReason.allCases {
                counts["\(reason.code)", default: 0] += counters.refusalCount(reason)
            }
            counts["malformed_request", default: 0] += counters.malformed.load(ordering: .relaxed)
        }
        return counts.filter { $0.value > 0 }.map { CountedReason(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}
