// SPDX-License-Identifier: Apache-2.0
package import Base
package import Control
internal import IPsecConfig

extension TunnelWatch {
    /// The tunnels' numbers, by partner and tunnel.
    package func metrics(_ page: inout MetricsPage, at now: WallInstant) {
        page.gauge("eig_tunnels_libreswan_running", "Whether Libreswan runs.", isRunning)
        page.gauge("eig_tunnels_history_written", "Whether the history can be written.", history.trouble == nil)
        page.gauge("eig_tunnels_history_bytes", "The history on disk.", Double(history.extent().bytes))
        page.gauge("eig_tunnels_log_readable", "Whether pluto's log can be read.", isLogReadable)
        let all = machines.keys.sorted().compactMap { id in
            machines[id].map { (labels: [("partner", id.partner.rawValue), ("tunnel", id.name)], machine: $0) }
        }
        func samples(_ value: (TunnelMachine) -> Double?) -> [MetricsPage.Sample] {
            all.compactMap { entry in value(entry.machine).map { (entry.labels, $0) } }
        }
        page.gauge("eig_tunnel_up", "Whether every pair of networks is up.", samples { $0.state == .up ? 1 : 0 })
        page.gauge(
            "eig_tunnel_held",
            "Whether an administrator took it down.",
            samples { $0.expected.isHeld ? 1 : 0 }
        )
        page.gauge(
            "eig_tunnel_uptime_seconds",
            "How long it has been up; 0 while it is not.",
            samples { $0.state == .up ? Double(max(0, (now - $0.memory.since).components.seconds)) : 0 }
        )
        page.gauge(
            "eig_tunnel_last_up_timestamp_seconds",
            "When it was last seen up, since 1970; nothing when it never was.",
            samples { $0.memory.lastUpAt.map { Double($0.seconds) } }
        )
        page.gauge(
            "eig_tunnel_pairs",
            "Its pairs of networks.",
            samples { Double($0.expected.connections.count) }
        )
        page.gauge("eig_tunnel_pairs_up", "Those with a child SA.", samples { Double($0.upCount) })
        page.gauge(
            "eig_tunnel_backup_active",
            "Whether it uses the backup gateway.",
            samples { $0.expected.isOnBackup ? 1 : 0 }
        )
        page.counter("eig_tunnel_rekeys_total", "Rekeys of its SAs.", samples { Double($0.memory.rekeys) })
        page.counter(
            "eig_tunnel_flaps_total",
            "How often it went down or was set up anew.",
            samples { Double($0.memory.flaps) }
        )
        page.counter(
            "eig_tunnel_bytes_total",
            "Bytes through its child SAs, by direction as we see it.",
            all.flatMap { entry -> [MetricsPage.Sample] in
                [
                    (entry.labels + [("direction", "in")], Double(entry.machine.memory.bytesIn)),
                    (entry.labels + [("direction", "out")], Double(entry.machine.memory.bytesOut)),
                ]
            }
        )
        page.gauge(
            "eig_tunnel_last_failure_timestamp_seconds",
            "When an attempt last failed, since 1970, and why.",
            all.compactMap { entry in
                entry.machine.memory.failure.map { heard in
                    (entry.labels + [("reason", heard.failure.reason.rawValue)], Double(heard.at.seconds))
                }
            }
        )
    }
}
