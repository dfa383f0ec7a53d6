// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Control

/// Whether the edge is healthy, and why not: the worst first.
package struct Verdict: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable, Comparable {
        case healthy
        /// It works, and somebody should look before it does not.
        case attention
        /// Something does not work.
        case failing

        private var rank: Int { self == .healthy ? 0 : self == .attention ? 1 : 2 }
        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    package struct Reason: Codable, Hashable, Sendable {
        package var state: State
        package var text: String
    }

    package private(set) var state = State.healthy
    package private(set) var reasons: [Reason] = []

    /// How many certificates, units or endpoints are named before the rest is counted.
    private static let namedMax = 3
    private static let noticeDays = 30
    private static let lateSeconds = 900
    private static let failureTime = Duration.seconds(300)

    package init(_ overview: OverviewDocument, now: WallInstant) {
        programs(overview)
        units(overview.units)
        kernel(overview.enforce)
        relay(overview.eigd?.relay)
        disk(overview.disk)
        certificates(overview.allCertificates)
        backends(overview.eigd?.backends ?? [], now)
        tunnels(overview.tunnels)
        for reason in GateVerdict.reasons(overview.gate, overview.audit, now) { add(reason.state, reason.text) }
        if let eigd = overview.eigd, !eigd.partners.contains(where: \.isEnabled) {
            add(.attention, "no partner is let in: there is no enabled one")
        }
        for notice in overview.eigd?.notices ?? [] { add(.attention, "eigd: \(notice)") }
        // Stable: among equals the order above is the order of importance.
        reasons = reasons.filter { $0.state == .failing } + reasons.filter { $0.state == .attention }
        state = reasons.first?.state ?? .healthy
    }

    private mutating func add(_ state: State, _ text: String) { reasons.append(Reason(state: state, text: text)) }

    private mutating func programs(_ overview: OverviewDocument) {
        let errors = [
            overview.eigdError, overview.enforceError, overview.tunnelsError, overview.gateError, overview.auditError,
        ]
        for error in errors.compactMap({ $0 }) { add(.failing, error.message) }
        let configurations = [
            ("eigd", overview.eigd?.configuration), ("jumpd enforce", overview.enforce?.configuration),
            ("jumpd tunnels", overview.tunnels?.configuration), ("jumpd gate", overview.gate?.configuration),
        ]
        for (name, configuration) in configurations {
            guard let attempt = configuration?.lastAttempt, !attempt.ok else { continue }
            let why = attempt.message.map { ": \($0)" } ?? ""
            add(.attention, "\(name): the change of \(Shown.instant(attempt.at)) was refused\(why)")
        }
    }

    /// Units that are off are somebody's choice; those that failed are nobody's.
    private mutating func units(_ units: [UnitStatus]) {
        name(units.filter { $0.state == "failed" }.map { "\($0.name) has failed" }, .failing)
    }

    private mutating func kernel(_ enforce: EnforceStatusDocument?) {
        guard let enforce else { return }
        if !enforce.kernel.isInPlace { add(.failing, "the kernel's table \(enforce.kernel.table) is not in place") }
        name(enforce.drift.map { "drift: \($0)" }, .attention)
    }

    private mutating func relay(_ relay: RelayStatus?) {
        guard let relay else { return }
        if !relay.isAccepting { add(.failing, "callbacks are not accepted: the store has no room") }
        if relay.oldestDueSeconds > Self.lateSeconds {
            let late = Shown.age(seconds: relay.oldestDueSeconds)
            add(.attention, "the oldest callback is \(late) late; \(Shown.count(relay.pending)) wait")
        }
        if relay.dead > 0 {
            let many = relay.dead == 1 ? "1 callback holds" : "\(Shown.count(relay.dead)) callbacks hold"
            add(.attention, "\(many) the ones behind: given up, see `eigctl callbacks dead`")
        }
        name(relay.endpoints.filter(\.isPaused).map { "\($0.kind) \($0.name) is paused after failures" }, .attention)
    }

    private mutating func disk(_ disk: DiskStatus?) {
        guard let disk, disk.totalBytes > 0, disk.freeBytes < disk.totalBytes / 10 else { return }
        let part = "\(Shown.bytes(disk.freeBytes)) of \(Shown.bytes(disk.totalBytes))"
        add(.attention, "\(part) are free where the callback store is")
    }

    private mutating func certificates(_ certificates: [CertificateStatus]) {
        let soon = certificates.filter { $0.daysLeft < Self.noticeDays }.sorted { $0.notAfter < $1.notAfter }
        let ownUses = ["server", "gate"]
        for certificate in soon where ownUses.contains(certificate.use) && certificate.daysLeft < 0 {
            add(.failing, text(certificate))
        }
        name(soon.filter { !ownUses.contains($0.use) || $0.daysLeft >= 0 }.map(text), .attention)
    }

    private func text(_ certificate: CertificateStatus) -> String {
        let whose = certificate.partner.map { " of \($0)" } ?? ""
        let day = certificate.notAfter.prefix(10)
        let when = certificate.daysLeft < 0 ? "ended on \(day)" : "ends in \(certificate.daysLeft) days, on \(day)"
        return "\(certificate.use) certificate\(whose) \(when): \(certificate.file)"
    }

    private mutating func backends(_ backends: [BackendStatus], _ now: WallInstant) {
        let since = (now + (Duration.zero - Self.failureTime)).rfc3339
        // RFC 3339 in UTC sorts as text.
        let failing = backends.filter { $0.lastFailureAt.map { $0 >= since } ?? false }
        name(failing.map { "backend \($0.name): \($0.lastFailure ?? "a failure")" }, .attention)
    }

    /// A tunnel that is configured and carries nothing is a fault, whoever's it is; what an administrator took down is
    /// not, and should not be forgotten either.
    private mutating func tunnels(_ document: TunnelsStatusDocument?) {
        guard let document, !document.tunnels.isEmpty else { return }
        if !document.libreswan.isRunning { add(.failing, "Libreswan does not run: no tunnel is up") }
        let tunnels = document.tunnels.sorted { ($0.since, $0.partner) < ($1.since, $1.partner) }
        if document.libreswan.isRunning {
            name(tunnels.filter(\.isFailing).map { "\(Self.title($0)) is \(TunnelWords.state($0))" }, .failing)
        }
        name(tunnels.filter { $0.state == "unknown" }.map { "nothing is known of \(Self.title($0))" }, .attention)
        name(tunnels.filter { $0.state == "held" }.map { "\(Self.title($0)) was taken down" }, .attention)
        name(tunnels.filter(\.isOnBackup).map { "\(Self.title($0)) uses the backup gateway \($0.peer)" }, .attention)
        if let trouble = document.history?.trouble {
            add(.attention, "the tunnels' history is not written: \(trouble)")
        }
    }

    private static func title(_ tunnel: TunnelStatus) -> String { "tunnel \(tunnel.name) of \(tunnel.partner)" }

    private mutating func name(_ texts: [String], _ state: State) {
        for text in texts.prefix(Self.namedMax) { add(state, text) }
        let rest = texts.count - Self.namedMax
        if rest > 0 { add(state, "and \(rest) more like that") }
    }

    /// The first line is the answer, with the worst reason; the others follow.
    func text(usesColour: Bool) -> String {
        let colour = ["healthy": "1;32", "attention": "1;33", "failing": "1;31"][state.rawValue] ?? "1"
        let word = state.rawValue.uppercased()
        let painted = usesColour ? "\u{1b}[\(colour)m\(word)\u{1b}[0m" : word
        guard let first = reasons.first else { return "\(painted)\n" }
        return "\(painted): \(first.text.printable)\n"
            + reasons.dropFirst().map { "  \($0.state == .failing ? "!" : "-") \($0.text.printable)\n" }.joined()
    }
}
