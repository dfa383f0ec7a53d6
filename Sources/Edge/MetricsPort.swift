// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// The TCP socket a Prometheus reads at, as the configuration in force has it: opened, moved and closed by it.
///
/// Monitoring stops no payment: an address that cannot be had is said once in the log and tried again.
struct MetricsPort {
    private static let retryInterval = Duration.seconds(10)

    private let gateway: Gateway
    private var rule: MetricsRule?
    private var server: PageServer?
    private var complaint: String?
    private var retriesAt = MonotonicInstant.distantFuture

    init(_ gateway: Gateway) { self.gateway = gateway }

    /// Makes it what the files say; call every second or so.
    mutating func follow(at now: MonotonicInstant = Clock.monotonic()) {
        let wanted = gateway.snapshot.gateway.metrics
        if wanted != rule {
            stop()
            rule = wanted
            retriesAt = now
        }
        if now >= retriesAt { open(at: now) }
    }

    mutating func stop() {
        server?.stop()
        server = nil
        complaint = nil
        retriesAt = .distantFuture
    }

    private mutating func open(at now: MonotonicInstant) {
        retriesAt = .distantFuture
        guard let rule, let endpoint = rule.listen else { return }
        let gateway = self.gateway
        do throws(Errno) {
            server = try PageServer(endpoint: endpoint, from: rule.from, path: "/metrics", name: "metrics") {
                MetricsReport(gateway).page.response
            }
            gateway.log("metrics", "served at http://\(endpoint)/metrics")
            complaint = nil
        } catch {
            let why = "cannot listen on \(endpoint): \(error); check [metrics] in eigd.toml and who else uses the port"
            if complaint != why { gateway.log("metrics_unavailable", why) }
            complaint = why
            retriesAt = now + Self.retryInterval
        }
    }
}
