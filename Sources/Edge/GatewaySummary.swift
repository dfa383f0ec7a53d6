// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Engine
internal import LinuxIO
internal import Synchronization

/// The gateway in one line, as `systemctl status` shows it: what is wrong first, then what is served.
struct GatewaySummary {
    let text: String

    init(_ gateway: Gateway) {
        let listeners = gateway.environment.listeners.filter { $0.side == .partners }
        self.init(
            problems: Self.problems(of: gateway),
            partnerCount: gateway.snapshot.directory.records.count,
            connectionCount: listeners.reduce(0) { $0 + $1.live.load(ordering: .relaxed) },
            relay: gateway.environment.relay.metrics
        )
    }

    init(problems: [String], partnerCount: Int, connectionCount: Int, relay: RelayMetrics) {
        var parts = problems
        switch relay.room {
        case .enough: break
        case .scarce: parts.append("callbacks are not taken: too little is free where the store is")
        case .full: parts.append("callbacks are not taken: the disk of the store is full")
        }
        parts.append("serving \(Self.count(partnerCount, "partner")), \(Self.count(connectionCount, "connection"))")
        var waiting = "\(Self.count(relay.backlogCount, "callback")) waiting"
        if let age = relay.oldestDueAge { waiting += ", the oldest due for \(age.components.seconds) s" }
        parts.append(waiting)
        text = parts.joined(separator: "; ")
    }

    private static func problems(of gateway: Gateway) -> [String] {
        var problems: [String] = []
        if let stalled = gateway.stalled { problems.append("\(stalled) is stuck") }
        if let refused = gateway.attempt.refused {
            let since = gateway.attempt.at.rfc3339
            problems.append("the change of \(since) was refused, the configuration before it runs: \(refused)")
        }
        return problems + gateway.listenDifference.lines
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
