// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO

/// The enforcer's numbers, read from the kernel as they are asked for.
///
/// They leave this host's Unix socket by `eigctl metrics` only: what holds CAP_NET_ADMIN never faces the network.
struct EnforceMetrics {
    let status: EnforceStatusDocument
    let startedAt: WallInstant
    let record: ApplyRecord
    let mendedCount: Int

    var page: MetricsPage {
        var page = MetricsPage()
        page.program("eig_enforce", startedAt: startedAt)
        record.metrics(&page, "eig_enforce")
        kernel(&page)
        partners(&page)
        page.counter(
            "eig_enforce_dropped_packets_total",
            "Packets dropped, by reason; counts begin anew with the table.",
            status.drops.map { ([("reason", $0.reason)], Double($0.packetsTotal)) }
        )
        page.counter(
            "eig_enforce_dropped_bytes_total",
            "Their bytes.",
            status.drops.map { ([("reason", $0.reason)], Double($0.bytesTotal)) }
        )
        return page
    }

    private func kernel(_ page: inout MetricsPage) {
        page.gauge(
            "eig_enforce_table_in_place",
            "Whether the kernel's table stands as it was applied.",
            status.kernel.isInPlace
        )
        page.gauge(
            "eig_enforce_table_owned",
            "Whether no other program can change the table.",
            status.kernel.isOwned
        )
        page.gauge(
            "eig_enforce_drift",
            "Differences between the kernel and what was applied.",
            Double(status.drift.count)
        )
        page.counter(
            "eig_enforce_mended_total",
            "Changes made because an entry's time was over, or another program had changed the table.",
            mendedCount
        )
        page.gauge("eig_enforce_notices", "What `eigctl status` has to say besides.", Double(status.notices.count))
    }

    private func partners(_ page: inout MetricsPage) {
        let all = status.partners.map { (labels: [("partner", $0.id)], partner: $0) }
        page.gauge(
            "eig_enforce_entries",
            "Entries of a partner in the kernel's allow-list.",
            all.map { ($0.labels, Double($0.partner.entries.count)) }
        )
        page.counter(
            "eig_enforce_allowed_packets_total",
            "Packets a partner's entries let in; counts of an entry end with it.",
            all.map { ($0.labels, Double($0.partner.entries.reduce(0) { $0 + $1.packetsTotal })) }
        )
        page.counter(
            "eig_enforce_allowed_bytes_total",
            "Their bytes.",
            all.map { ($0.labels, Double($0.partner.entries.reduce(0) { $0 + $1.bytesTotal })) }
        )
        page.gauge(
            "eig_enforce_flows",
            "Connections of a partner the kernel tracks.",
            all.map { ($0.labels, Double($0.partner.connectionsTracked ?? 0)) }
        )
    }
}
