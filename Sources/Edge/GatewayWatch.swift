// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import ConfigurationFolder
internal import Engine
internal import LinuxIO
internal import Systemd

/// What the main thread does while the gateway runs: signals, a failed store, and what the service manager hears.
struct GatewayWatch {
    /// How often the line for `systemctl status` is written anew.
    private static let statusEvery = Duration.seconds(5)
    /// How often what is remembered and of no more use is wiped, at least.
    private static let tickMax = Duration.seconds(1)
    /// What a stop needs besides the drain: the relay's last commit, the log's last lines.
    private static let endTime = LogWriter.stopTime + .seconds(20)

    private let gateway: Gateway
    private let fatal: Mailbox<String>
    /// How often the manager hears that nothing is stuck.
    private let beatEvery: Duration
    private var beatsAt = Clock.monotonic()
    private var tellsAt = Clock.monotonic() + statusEvery
    private var wasStalled = false
    private var metrics: MetricsPort

    init(_ gateway: Gateway, _ fatal: Mailbox<String>) {
        self.gateway = gateway
        self.fatal = fatal
        metrics = MetricsPort(gateway)
        beatEvery = ServiceManager.beatInterval() ?? .seconds(10)
    }

    /// Waits until the end is asked for, or the store has failed.
    ///
    /// - Returns: the exit status.
    mutating func run(_ signals: borrowing SignalDescriptor) -> Int32 {
        defer { metrics.stop() }
        while true {
            metrics.follow()
            switch signals.wait(timeout: min(beatEvery, Self.tickMax)) {
            case .hangUp: reload()
            case .terminate, .interrupt: return 0
            case .user1, .child, nil: break
            }
            gateway.tidy()
            report()
            if let why = fatal.drain().first {
                Complaint.write("eigd: \(why)\n")
                ServiceManager.notify(.status(why))
                return 1
            }
        }
    }

    private func reload() {
        let gateway = gateway
        let operators = OperatorRecord(folder: gateway.folder) { gateway.log("audit_log_refused", $0) }
        do throws(ConfigurationRefused) {
            _ = try gateway.reload()
            operators.noteSignal(.configReload, .success, object: "gateway")
        } catch {
            Complaint.write(error.text)
            operators.noteSignal(.configReload, .failure, object: "gateway")
        }
    }

    private mutating func report() {
        let now = Clock.monotonic()
        let stalled = gateway.stalled
        if now >= beatsAt {
            beatsAt = now + beatEvery
            // Silence is what makes the manager start another process.
            if stalled == nil { ServiceManager.notify(.watchdog) }
        }
        if let stalled, !wasStalled { Complaint.write("eigd: \(stalled) is stuck\n") }
        if now >= tellsAt || wasStalled != (stalled != nil) {
            tellsAt = now + Self.statusEvery
            ServiceManager.notify(.status(gateway.summary))
        }
        wasStalled = stalled != nil
    }

    /// Ends in order on a thread of its own, while this one keeps the service manager from losing patience.
    static func drain(_ gateway: Gateway) {
        let beatEvery = min(ServiceManager.beatInterval() ?? statusEvery, statusEvery)
        guard let ended = try? Mailbox<Bool>(countMax: 1),
            let thread = try? OwnedThread(
                name: "drain",
                { @Sendable in
                    gateway.drain()
                    _ = ended.post(true)
                }
            )
        else { return gateway.drain() }
        let limit = gateway.drainTime + endTime
        let endsAt = Clock.monotonic() + limit
        ServiceManager.notify(.extendTimeout(limit), .status(gateway.drainSummary))
        while ended.drain(timeout: beatEvery).isEmpty {
            let words: [ServiceWord] = [.status(gateway.drainSummary)]
            // Past its own bounds it is stuck: the manager shall say so.
            ServiceManager.notify(Clock.monotonic() < endsAt ? words + [.watchdog] : words)
        }
        thread.join()
    }
}
