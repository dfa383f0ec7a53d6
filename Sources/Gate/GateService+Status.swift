// SPDX-License-Identifier: Apache-2.0
internal import AccessStore
internal import Base
internal import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// The gate as operators see it.
extension GateService {
    var status: GateStatusDocument {
        let now = Clock.wall()
        let snapshot = snapshot
        var document = GateStatusDocument(program: program(at: now), configuration: configurationStatus(snapshot))
        let gate = snapshot.rules.gate
        document.gate = gate.name
        document.listeners = environment.listeners.map(Self.listener)
        document.peopleCount = snapshot.rules.admins.count
        document.targetCount = snapshot.rules.targets.count
        let sessions = environment.board.sessions
        document.sessions.live = sessions.count
        document.sessions.liveMax = min(gate.connectionsMax, environment.connectionsMax)
        document.sessions.breakGlassLive = sessions.count(where: \.isBreakGlass)
        document.sessions.admittedTotal = environment.counters.admitted.load(ordering: .relaxed)
        document.sessions.refusedTotal = environment.counters.refused.load(ordering: .relaxed)
        document.grants = GateStatusDocument.Grants(grants.grants, at: now)
        document.lockouts = environment.lockouts.entries(at: now).map { LockoutItem($0) }
        document.refusals = environment.counters.refusalsByReason
            .map { CountedReason(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
        document.review = grants.signatures.first.map { ReviewSignature($0) }
        document.reviewableSince = grants.reviewableSince.rfc3339
        document.store = GateStatusDocument.Store(path: grants.path, bytes: grants.byteCount, trouble: grants.trouble)
        document.auditTrouble = environment.audit.currentTrouble
        document.certificates = snapshot.configuration.certificates.map { Self.certificate($0, now: now) }
        document.notices = notices(snapshot)
        document.ok = document.auditTrouble == nil && grants.trouble == nil && stalled == nil
        return document
    }

    private func program(at now: WallInstant) -> ProgramStatus {
        ProgramStatus(
            name: "jumpd gate",
            version: productVersion,
            pid: Int(Limits.processID),
            startedAt: startedAt.rfc3339,
            uptimeSeconds: Int(max(0, now.seconds - startedAt.seconds))
        )
    }

    private func configurationStatus(_ snapshot: GateSnapshot) -> ConfigurationStatus {
        let attempt = attempt
        return ConfigurationStatus(
            generation: snapshot.configuration.number,
            loadedAt: snapshot.configuration.loadedAt.rfc3339,
            lastAttempt: ConfigurationStatus.Attempt(
                at: attempt.at.rfc3339,
                ok: attempt.refused == nil,
                message: attempt.refused
            )
        )
    }

    private static func listener(_ listener: Listener) -> ListenerStatus {
        var status = ListenerStatus(kind: "gate", address: listener.endpoint.description)
        status.connectionsLive = listener.live.load(ordering: .relaxed)
        status.acceptedTotal = listener.accepted.load(ordering: .relaxed)
        status.refusedTotal = listener.refused.load(ordering: .relaxed)
        return status
    }

    private static func certificate(_ use: GateConfiguration.CertificateUse, now: WallInstant) -> CertificateStatus {
        let left = use.certificate.notAfter.seconds - now.seconds
        return CertificateStatus(
            use: use.use,
            partner: nil,
            file: use.file,
            subject: use.certificate.subject,
            notAfter: use.certificate.notAfter.rfc3339,
            daysLeft: Int((Double(left) / 86_400).rounded(.down))
        )
    }

    private func notices(_ snapshot: GateSnapshot) -> [String] {
        var notices: [String] = []
        if let trouble = environment.audit.currentTrouble { notices.append("nobody is admitted: \(trouble)") }
        if environment.audit.lostCount > 0 {
            notices.append("\(environment.audit.lostCount) events could not be told to the audit log and were dropped")
        }
        if let trouble = grants.trouble { notices.append("no grant can be given: \(trouble)") }
        if let stalled { notices.append("\(stalled) is stuck") }
        return notices + ListenDifference(snapshot.rules.gate, environment.listeners).lines
    }
}
