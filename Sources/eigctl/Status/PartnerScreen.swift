// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Everything the programs know of one partner.
struct PartnerScreen {
    private let overview: OverviewDocument
    private let id: String
    private let usesColour: Bool

    /// - Precondition: the overview was narrowed to this partner.
    init(_ overview: OverviewDocument, id: String, usesColour: Bool) {
        self.overview = overview
        self.id = id
        self.usesColour = usesColour
    }

    var text: String {
        let parts = [
            headline, refusals, entries, tunnels, relay,
            CertificateTable.text(overview.allCertificates, usesColour: usesColour), failures,
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var headline: String {
        guard let partner = overview.eigd?.partners.first else {
            return overview.eigd == nil ? "\(id)\n" : "\(id): in the kernel, not in eigd\n"
        }
        var lines = ["\(id): \(partner.name.printable)"]
        let state = partner.isEnabled ? "enabled" : "disabled"
        lines.append("  \(state), \(partner.roles.joined(separator: " and "))")
        lines.append("  connections \(Shown.count(partner.connectionsLive))")
        let now = Shown.count(partner.requestsConcurrent)
        lines.append("  requests \(Shown.count(partner.requestsTotal)), now \(now)")
        lines.append("  refused \(Shown.count(partner.refusedTotal))")
        let last = Shown.instant(partner.lastRequestAt)
        lines.append("  last request \(last.isEmpty ? "never since eigd started" : last)")
        return lines.map { $0 + "\n" }.joined()
    }

    private var refusals: String {
        var table = TextTable([("REFUSED BECAUSE", .left), ("TIMES", .right)])
        let refusals = overview.eigd?.partners.first?.refusals ?? []
        for refusal in refusals.sorted(by: { ($1.count, $0.reason) < ($0.count, $1.reason) }) where refusal.count > 0 {
            table.add([refusal.reason, Shown.count(refusal.count)])
        }
        return table.text(usesColour: usesColour)
    }

    private var entries: String {
        guard let partner = overview.enforce?.partners.first else {
            return overview.enforce == nil ? "" : "not in the kernel's allow-list\n"
        }
        var table = TextTable([
            ("MAY CONNECT FROM", .left), ("TO PORT", .right), ("VIA", .left), ("PACKETS", .right), ("BYTES", .right),
        ])
        for entry in partner.entries {
            let packets = Shown.count(entry.packetsTotal)
            table.add([entry.prefix, "\(entry.port)", entry.via ?? "", packets, Shown.bytes(entry.bytesTotal)])
        }
        let tracked = partner.connectionsTracked.map { ", \(Shown.count($0)) connections tracked" } ?? ""
        return "mark \(partner.mark)\(tracked)\n" + table.text(usesColour: usesColour)
    }

    private var tunnels: String {
        TunnelTable(usesColour: usesColour).full(overview.tunnels?.tunnels ?? [])
    }

    private var relay: String {
        guard let relay = overview.eigd?.relay else { return "" }
        return RelayLines(relay, usesColour: usesColour).endpoints
    }

    /// Who could not be asked, so that what is missing above is not taken for nothing.
    private var failures: String {
        let errors = [overview.eigdError, overview.enforceError, overview.tunnelsError].compactMap { $0 }
            .map(\.message.printable)
        return (errors + AbsentLines.all(overview.absent)).map { "\($0)\n" }.joined()
    }
}
