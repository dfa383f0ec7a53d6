// SPDX-License-Identifier: Apache-2.0
internal import Control

/// The whole edge on one screen.
struct StatusScreen {
    private let overview: OverviewDocument
    private let usesColour: Bool

    init(_ overview: OverviewDocument, usesColour: Bool) {
        self.overview = overview
        self.usesColour = usesColour
    }

    var text: String {
        let tunnels = TunnelTable(usesColour: usesColour)
        let parts = [
            overview.verdict?.text(usesColour: usesColour) ?? "",
            UnitLines.text(overview.units, usesColour: usesColour),
            ProgramLines(overview, usesColour: usesColour).text, partners,
            tunnels.short((overview.tunnels?.tunnels ?? []).filter { $0.state != "up" || $0.isOnBackup }),
            TunnelTable.advisoryLines(overview.tunnels?.advisories ?? []), backends, listeners,
            relay + DiskLine.text(overview.disk), drops,
            CertificateTable.text(overview.allCertificates, usesColour: usesColour),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var partners: String {
        var table = TextTable([
            ("PARTNER", .left), ("ROLES", .left), ("STATE", .left), ("ENTRIES", .right), ("TUNNELS", .left),
            ("LIVE", .right), ("NOW", .right), ("REQUESTS", .right), ("REFUSED", .right), ("LAST REQUEST", .left),
        ])
        for id in overview.partnerIDs {
            let seen = overview.eigd?.partners.first { $0.id == id }
            let enforced = overview.enforce?.partners.first { $0.id == id }
            let tunnels = overview.tunnels?.tunnels.filter { $0.partner == id } ?? []
            let up = tunnels.count { $0.state == "up" }
            table.add([
                id,
                seen?.roles.joined(separator: ",") ?? "",
                seen.map { $0.isEnabled ? "enabled" : "disabled" } ?? (overview.eigd == nil ? "" : "not in eigd"),
                enforced.map { Shown.count($0.entries.count) } ?? "",
                tunnels.isEmpty ? "" : "\(up)/\(tunnels.count) up",
                seen.map { Shown.count($0.connectionsLive) } ?? "",
                seen.map { Shown.count($0.requestsConcurrent) } ?? "",
                seen.map { Shown.count($0.requestsTotal) } ?? "",
                seen.map { Shown.count($0.refusedTotal) } ?? "",
                Shown.instant(seen?.lastRequestAt),
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private var backends: String {
        var table = TextTable([
            ("BACKEND", .left), ("ADDRESS", .left), ("LIVE", .right), ("IDLE", .right), ("REQUESTS", .right),
            ("FAILURES", .right), ("LAST FAILURE", .left),
        ])
        for backend in overview.eigd?.backends ?? [] {
            let last = [Shown.instant(backend.lastFailureAt), backend.lastFailure ?? ""].filter { !$0.isEmpty }
            table.add([
                backend.name,
                backend.address,
                Shown.count(backend.connectionsLive),
                Shown.count(backend.connectionsIdle),
                Shown.count(backend.requestsTotal),
                Shown.count(backend.failuresTotal),
                last.joined(separator: " "),
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private var listeners: String {
        var table = TextTable([
            ("LISTENER", .left), ("ADDRESS", .left), ("LIVE", .right), ("ACCEPTED", .right), ("REFUSED", .right),
        ])
        for listener in overview.eigd?.listeners ?? [] {
            table.add([
                listener.kind,
                listener.address,
                Shown.count(listener.connectionsLive),
                Shown.count(listener.acceptedTotal),
                Shown.count(listener.refusedTotal),
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private var relay: String {
        guard let relay = overview.eigd?.relay else { return "" }
        return RelayLines(relay, usesColour: usesColour).text
    }

    private var drops: String {
        var table = TextTable([("DROPPED", .left), ("PACKETS", .right), ("BYTES", .right)])
        for drop in overview.enforce?.drops ?? [] where drop.packetsTotal > 0 {
            table.add([drop.reason, Shown.count(drop.packetsTotal), Shown.bytes(drop.bytesTotal)])
        }
        for refusal in overview.eigd?.refusals ?? [] where refusal.count > 0 {
            table.add(["eigd: \(refusal.reason)", Shown.count(refusal.count), ""])
        }
        return table.text(usesColour: usesColour)
    }
}
