// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AuditTrail
internal import Base
internal import Partners

/// What the audit log is told of who asks.
extension GateDesk {
    func event(
        _ turn: Turn,
        _ kind: AuditKind,
        _ outcome: AuditEvent.Outcome = .success,
        object: String,
        _ details: [AuditEvent.Detail]
    ) -> AuditEvent {
        let asker = turn.asker
        return AuditEvent(
            kind,
            outcome,
            who: asker.name,
            how: asker.how,
            origin: asker.origin,
            object: object,
            details: details
        )
    }
}

/// How the audit log tells of grants.
enum GrantEvents {
    static func details(_ grant: Grant) -> [AuditEvent.Detail] {
        var details = [
            AuditEvent.Detail("person", grant.who),
            AuditEvent.Detail("targets", grant.targets.map(\.description).joined(separator: " ")),
            AuditEvent.Detail("minutes", Int(grant.duration.components.seconds / 60)),
            AuditEvent.Detail("reason", grant.reason), AuditEvent.Detail("ticket", grant.ticket),
        ]
        if let from = grant.from { details.append(AuditEvent.Detail("from", from.rfc3339)) }
        if let until = grant.until { details.append(AuditEvent.Detail("until", until.rfc3339)) }
        let note = grant.closure?.note ?? grant.revocation?.note ?? grant.decision?.note
        if let note { details.append(AuditEvent.Detail("note", note)) }
        return details
    }

    /// It lapsed or expired by itself.
    static func ended(_ grant: Grant) -> AuditEvent {
        let outcome = AuditEvent.Detail("state", grant.until == nil ? "lapsed" : "expired")
        return AuditEvent.system(
            grant.isBreakGlass ? .breakGlassEnd : .grantExpire,
            object: "grant \(grant.id)",
            details: details(grant) + [outcome]
        )
    }
}
