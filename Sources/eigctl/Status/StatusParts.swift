// SPDX-License-Identifier: Apache-2.0
internal import Control

/// The first lines of every status: which programs run, on which configuration, and what is wrong.
struct ProgramLines {
    private let overview: OverviewDocument
    private let usesColour: Bool

    init(_ overview: OverviewDocument, usesColour: Bool) {
        self.overview = overview
        self.usesColour = usesColour
    }

    var text: String {
        var lines: [String] = []
        if let eigd = overview.eigd {
            let workers = eigd.workers.count
            lines.append(line(eigd.program, eigd.configuration, "\(workers) worker\(workers == 1 ? "" : "s")"))
            lines += refusal(eigd.configuration)
            lines += (eigd.notices ?? []).map { warning($0) }
        } else if let error = overview.eigdError {
            lines += failure(error)
        }
        if let enforce = overview.enforce {
            lines.append(line(enforce.program, enforce.configuration, kernel(enforce.kernel)))
            lines += refusal(enforce.configuration)
            lines += enforce.drift.map { warning("drift: \($0)") }
            lines += enforce.notices.map { "  note: \($0.printable)" }
        } else if let error = overview.enforceError {
            lines += failure(error)
        }
        if let tunnels = overview.tunnels {
            lines.append(line(tunnels.program, tunnels.configuration, TunnelWords.summary(tunnels)))
            lines += refusal(tunnels.configuration)
            lines += tunnels.notices.map { warning($0) }
        } else if let error = overview.tunnelsError {
            lines += failure(error)
        }
        let gate = GateLines(usesColour: usesColour)
        if let status = overview.gate {
            lines.append(line(status.program, status.configuration, gate.summary(status)))
            lines += refusal(status.configuration)
            lines += gate.warnings(status).map { warning($0) }
        } else if let error = overview.gateError {
            lines += failure(error)
        }
        if let audit = overview.audit {
            lines.append("\(title(audit.program)), \(gate.summary(audit))")
            lines += audit.notices.map { warning($0) }
        } else if let error = overview.auditError {
            lines += failure(error)
        }
        lines += AbsentLines.all(overview.absent)
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ program: ProgramStatus, _ configuration: ConfigurationStatus, _ rest: String) -> String {
        let since = configuration.loadedAt.map { " since \(Shown.instant($0))" } ?? ""
        let running = configuration.generation == 0 ? "no configuration" : "configuration \(configuration.generation)"
        return "\(title(program)), \(running)\(since), \(rest)"
    }

    private func title(_ program: ProgramStatus) -> String {
        let name = "\(program.name) \(program.version)"
        let age = Shown.age(seconds: program.uptimeSeconds)
        return "\(paint(name.printable, "1")): up \(age) (pid \(program.pid))"
    }

    private func kernel(_ kernel: EnforceStatusDocument.Kernel) -> String {
        let state = kernel.isInPlace ? "in place" : paint("NOT IN PLACE", "1;31")
        let owner = kernel.isOwned ? "owned" : "not owned"
        let entries = kernel.entryCount == 1 ? "1 entry" : "\(Shown.count(kernel.entryCount)) entries"
        return "table \(kernel.table.printable) \(state), \(owner), \(entries)"
    }

    private func refusal(_ configuration: ConfigurationStatus) -> [String] {
        guard let attempt = configuration.lastAttempt, !attempt.ok else { return [] }
        let why = attempt.message.map { ": \($0)" } ?? ""
        return [warning("the change of \(Shown.instant(attempt.at)) was refused\(why)")]
    }

    private func failure(_ error: ErrorDocument.Failure) -> [String] {
        [paint(error.message.printable, "1;31")] + (error.hint.map { ["  hint: \($0.printable)"] } ?? [])
    }

    private func warning(_ text: String) -> String { "  \(paint("!", "1;33")) \(text.printable)" }

    private func paint(_ text: String, _ code: String) -> String {
        usesColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}

/// Which programs of an edge this host does not have.
enum AbsentLines {
    static func all(_ names: [String]) -> [String] {
        names.map { "\($0): not on this host (its package is not installed)" }
    }
}

/// The relay in one line, and each place it delivers to.
struct RelayLines {
    private let relay: RelayStatus
    private let usesColour: Bool

    init(_ relay: RelayStatus, usesColour: Bool) {
        self.relay = relay
        self.usesColour = usesColour
    }

    var text: String { summary + endpoints }

    private var summary: String {
        let late = relay.oldestDueSeconds > 0 ? " (oldest due \(Shown.age(seconds: relay.oldestDueSeconds)) ago)" : ""
        let parts = [
            "\(Shown.count(relay.pending)) pending\(late)", "\(Shown.count(relay.inFlight)) in flight",
            "\(Shown.count(relay.dead)) dead", "\(Shown.count(relay.acceptedTotal)) accepted",
            "\(Shown.count(relay.deliveredTotal)) delivered", Shown.bytes(relay.storeBytes),
        ]
        return "relay: \(parts.joined(separator: ", "))\(relay.isAccepting ? "" : ", NOT ACCEPTING")\n"
    }

    var endpoints: String {
        var table = TextTable([
            ("ENDPOINT", .left), ("KIND", .left), ("STATE", .left), ("PENDING", .right), ("IN FLIGHT", .right),
            ("DEAD", .right),
        ])
        for endpoint in relay.endpoints {
            table.add([
                endpoint.name,
                endpoint.kind,
                endpoint.isPaused ? "paused" : "open",
                Shown.count(endpoint.pending),
                Shown.count(endpoint.inFlight),
                Shown.count(endpoint.dead),
            ])
        }
        return table.text(usesColour: usesColour)
    }
}

/// Certificates, the first to end first.
enum CertificateTable {
    static func text(_ certificates: [CertificateStatus], usesColour: Bool) -> String {
        var table = TextTable([
            ("CERTIFICATE", .left), ("PARTNER", .left), ("ENDS", .left), ("DAYS", .right), ("SUBJECT", .left),
        ])
        let order = certificates.sorted { ($0.notAfter, $0.use, $0.file) < ($1.notAfter, $1.use, $1.file) }
        for certificate in order {
            let ended = certificate.daysLeft < 0 ? "ended" : Shown.count(certificate.daysLeft)
            let name = "\(certificate.use) \(certificate.file.split(separator: "/").last ?? "")"
            let ends = Shown.instant(certificate.notAfter)
            table.add([name, certificate.partner ?? "", ends, ended, certificate.subject])
        }
        return table.text(usesColour: usesColour)
    }
}
