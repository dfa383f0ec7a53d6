// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

/// The gate and its audit log in a line each.
struct GateLines {
    let usesColour: Bool

    func summary(_ gate: GateStatusDocument) -> String {
        let sessions = gate.sessions
        let grants = gate.grants
        let glass = grants.breakGlassActive > 0 ? " (\(grants.breakGlassActive) break-glass)" : ""
        let pending = grants.pending == 0 ? "" : ", \(Shown.count(grants.pending)) asked for"
        let live = "\(Shown.count(sessions.live)) of \(Shown.count(sessions.liveMax)) sessions"
        let active = "\(Shown.count(grants.active)) grant\(grants.active == 1 ? "" : "s") active\(glass)"
        return "\(gate.gate?.printable ?? "no gate"), \(live), \(active)\(pending)"
    }

    func summary(_ audit: AuditStatusDocument) -> String {
        let log = audit.log
        let files = "\(Shown.count(log.fileCount)) file\(log.fileCount == 1 ? "" : "s"), \(Shown.bytes(log.bytes))"
        let state = audit.trouble == nil ? "writes" : "DOES NOT WRITE"
        var text = "\(state) \(log.folder.printable), line \(Shown.count(log.seq)), \(files)"
        if let forward = audit.forward {
            let way = forward.isConnected ? "copied to" : "NOT COPIED to"
            let lag = forward.lagLines == 0 ? "" : ", \(Shown.count(forward.lagLines)) lines behind"
            text += ", \(way) \(forward.to.printable)\(lag)"
        }
        return text
    }

    /// What is under the gate's line.
    func warnings(_ gate: GateStatusDocument) -> [String] {
        gate.lockouts.map(GateVerdict.lockout) + gate.notices
    }
}

/// What of the gate and its audit log somebody should look at.
enum GateVerdict {
    private static let namedMax = 3

    static func reasons(
        _ gate: GateStatusDocument?,
        _ audit: AuditStatusDocument?,
        _ now: WallInstant
    ) -> [Verdict.Reason] {
        (gate.map { reasons($0, now) } ?? []) + (audit.map(reasons) ?? [])
    }

    private static func reasons(_ gate: GateStatusDocument, _ now: WallInstant) -> [Verdict.Reason] {
        var failing: [String] = []
        var attention: [String] = []
        if let trouble = gate.auditTrouble { failing.append("the gate admits nobody: \(trouble)") }
        if let trouble = gate.store?.trouble { failing.append("no grant can be given: \(trouble)") }
        if let age = ReviewAge(gate, now: now), age.isDue {
            if age.isLate { failing.append(age.sentence) } else { attention.append(age.sentence) }
        }
        let grants = gate.grants
        if grants.breakGlassActive > 0 { attention.append("break-glass is in use: see `eigctl jump sessions`") }
        if grants.reviewsOpen > 0 {
            let many = grants.reviewsOpen == 1 ? "1 use" : "\(Shown.count(grants.reviewsOpen)) uses"
            let since = grants.oldestReviewAt.map { " since \(Shown.instant($0))" } ?? ""
            attention.append("\(many) of break-glass\(since) nobody looked at: `eigctl grant close`")
        }
        attention += gate.lockouts.prefix(namedMax).map(lockout)
        if gate.lockouts.count > namedMax { attention.append("and \(gate.lockouts.count - namedMax) more locked out") }
        // Said above, in words of their own.
        let said = [gate.auditTrouble, gate.store?.trouble].compactMap { $0 }
        let notices = gate.notices.filter { notice in !said.contains { notice.contains($0) } }
        attention += notices.map { "jumpd gate: \($0)" }
        return failing.map { Verdict.Reason(state: .failing, text: $0) }
            + attention.map { Verdict.Reason(state: .attention, text: $0) }
    }

    private static func reasons(_ audit: AuditStatusDocument) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        if let trouble = audit.trouble {
            reasons.append(Verdict.Reason(state: .failing, text: "the audit log is not written: \(trouble)"))
        }
        if let forward = audit.forward, !forward.isConnected {
            let why = forward.trouble.map { ": \($0)" } ?? ""
            let text = "the audit log is not copied to \(forward.to)\(why)"
            reasons.append(Verdict.Reason(state: .attention, text: text))
        }
        let notices = audit.notices.filter { notice in audit.trouble.map { !notice.contains($0) } ?? true }
        return reasons + notices.map { Verdict.Reason(state: .attention, text: "jumpd audit: \($0)") }
    }

    static func lockout(_ item: LockoutItem) -> String {
        "\(item.kind == "person" ? "" : "\(item.kind) ")\(item.name) is locked out until "
            + "\(Shown.instant(item.until)) after \(item.failures) failures"
    }
}
