// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Tunnels in words.
enum TunnelWords {
    /// `down since 2026-11-21 12:00:00: the partner's gateway does not answer`.
    static func state(_ tunnel: TunnelStatus) -> String {
        let pairs = tunnel.state == "partial" ? " (\(tunnel.pairUpCount) of \(tunnel.pairCount) pairs of networks)" : ""
        let why = failure(tunnel).map { ": \($0)" } ?? ""
        return "\(tunnel.state)\(pairs) since \(Shown.instant(tunnel.since))\(why)"
    }

    /// Why it is not up, as far as that is known; nothing for one that is.
    static func failure(_ tunnel: TunnelStatus) -> String? {
        guard tunnel.state != "up", tunnel.state != "held" else { return nil }
        if !tunnel.isLoaded, tunnel.state != "unknown" { return "not loaded into Libreswan" }
        return tunnel.lastFailure?.message
    }

    static func summary(_ document: TunnelsStatusDocument) -> String {
        let version = document.libreswan.version.map { " \($0)" } ?? ""
        guard !document.tunnels.isEmpty else {
            return document.libreswan.isInstalled ? "Libreswan\(version), no tunnels" : "no tunnels"
        }
        let runs = document.libreswan.isRunning ? "Libreswan\(version) runs" : "LIBRESWAN\(version) DOES NOT RUN"
        let up = document.tunnels.count { $0.state == "up" }
        let total = document.tunnels.count
        return "\(runs), \(Shown.count(up)) of \(Shown.count(total)) tunnel\(total == 1 ? "" : "s") up"
    }
}

/// Tunnels as tables.
struct TunnelTable {
    let usesColour: Bool

    /// Everything that is known of each.
    func full(_ tunnels: [TunnelStatus]) -> String {
        var table = TextTable([
            ("PARTNER", .left), ("TUNNEL", .left), ("STATE", .left), ("IKE", .left), ("PAIRS", .right),
            ("SINCE", .left), ("GATEWAY", .left), ("IN", .right), ("OUT", .right), ("REKEYS", .right),
            ("FLAPS", .right), ("UP", .right), ("LAST FAILURE", .left),
        ])
        for tunnel in tunnels {
            let last = tunnel.lastFailure.map { "\(Shown.instant($0.at)) \($0.message)" }
            table.add([
                tunnel.partner,
                tunnel.name,
                isPlain(tunnel) ? tunnel.state : "\(tunnel.state), not loaded",
                tunnel.ike,
                "\(tunnel.pairUpCount)/\(tunnel.pairCount)",
                Shown.instant(tunnel.since),
                tunnel.peer + (tunnel.isOnBackup ? " (backup)" : ""),
                Shown.bytes(Int(clamping: tunnel.bytesInTotal)),
                Shown.bytes(Int(clamping: tunnel.bytesOutTotal)),
                Shown.count(tunnel.rekeysTotal),
                tunnel.flapsDay > 0
                    ? "\(Shown.count(tunnel.flapsTotal)) (\(Shown.count(tunnel.flapsDay)) in 24 h)"
                    : Shown.count(tunnel.flapsTotal),
                tunnel.availability.map(Self.percent) ?? "",
                last ?? "",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    /// Whether its state says all: what is held is not loaded, and of what is unknown nothing is known.
    private func isPlain(_ tunnel: TunnelStatus) -> Bool {
        tunnel.isLoaded || tunnel.state == "held" || tunnel.state == "unknown"
    }

    /// Those an overview has to name, and why.
    func short(_ tunnels: [TunnelStatus]) -> String {
        var table = TextTable([
            ("PARTNER", .left), ("TUNNEL", .left), ("STATE", .left), ("SINCE", .left), ("GATEWAY", .left),
            ("WHY", .left),
        ])
        for tunnel in tunnels {
            table.add([
                tunnel.partner,
                tunnel.name,
                tunnel.state,
                Shown.instant(tunnel.since),
                tunnel.peer + (tunnel.isOnBackup ? " (backup)" : ""),
                TunnelWords.failure(tunnel) ?? "",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    /// What to do about each that is not up, with what both ends want.
    func hints(_ tunnels: [TunnelStatus]) -> String {
        var lines: [String] = []
        for tunnel in tunnels where tunnel.isFailing {
            guard let failure = tunnel.lastFailure else { continue }
            lines.append("\(tunnel.partner) \(tunnel.name): \(failure.message)")
            if let ours = failure.ours, !ours.isEmpty { lines.append("  ours: \(ours)") }
            if let theirs = failure.theirs { lines.append("  theirs: \(theirs)") }
            lines.append("  Libreswan: \(failure.detail)")
            lines.append("  hint: \(failure.hint)")
        }
        return lines.map { $0.printable + "\n" }.joined()
    }

    /// Known faults of the installed Libreswan in a few lines: the open ones in words, the others by number.
    static func advisoryLines(_ advisories: [AdvisoryStatus]) -> String {
        let covered = advisories.filter(\.isWorkedAround).map(\.id.printable)
        let open = advisories.filter { !$0.isWorkedAround }.map { "\($0.id): \($0.summary); \($0.how)".printable }
        return open.map { "advisory \($0)\n" }.joined()
            + (covered.isEmpty ? "" : "advisories worked around: \(covered.joined(separator: ", "))\n")
    }

    /// Known faults of the installed Libreswan, the open ones first.
    func advisories(_ advisories: [AdvisoryStatus]) -> String {
        var table = TextTable([("ADVISORY", .left), ("STATE", .left), ("WHAT", .left), ("HOW", .left)])
        for advisory in advisories.filter({ !$0.isWorkedAround }) + advisories.filter(\.isWorkedAround) {
            let state = advisory.isWorkedAround ? "worked around" : "OPEN"
            table.add([advisory.id, state, advisory.summary, advisory.how])
        }
        return table.text(usesColour: usesColour)
    }

    /// `99.95 %`; never rounded up to all.
    static func percent(_ value: Double) -> String {
        let hundredths = Int((min(max(0, value), 100) * 100).rounded(.down))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
