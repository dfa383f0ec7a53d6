// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
internal import Base
internal import LinuxIO
internal import Synchronization

/// What became of an event that was reported.
package enum AuditOutcome: Hashable, Sendable {
    case written(seq: Int)
    /// This host has no audit log: there is no socket.
    case noLog
    /// There is one, and it did not take the event.
    case refused(why: String)

    /// Whether there is nothing to worry about.
    package var isFine: Bool {
        if case .refused = self { false } else { true }
    }
}

/// Reports events to the audit log and waits for the answer: for control threads, never for a worker.
///
/// One connection, made when it is needed and kept; one event at a time. Nobody waits longer than ``timeout``.
package final class AuditReporter: Sendable {
    private struct State: ~Copyable {
        var line: AuditLine?
    }

    private let path: String
    private let timeout: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: the log's socket for events, as `[audit] events` names it.
    ///   - timeout: longer than a busy volume takes to flush now and then, which is a second or two.
    package init(path: String, timeout: Duration = .seconds(3)) {
        self.path = path
        self.timeout = timeout
    }

    @discardableResult
    package func report(_ event: AuditEvent) -> AuditOutcome {
        let deadline = Clock.monotonic() + timeout
        return state.withLock { state in
            do throws(Errno) {
                return try Self.askAnyhow(&state, event, path, deadline)
            } catch {
                switch error {
                case .noEntry: return .noLog
                case .connectionRefused: return .refused(why: "\(path): nobody listens")
                case .timedOut: return .refused(why: "\(path): no answer within \(timeout.text)")
                default: return .refused(why: "\(path): \(error)")
                }
            }
        }
    }

    /// Over the connection that was kept, or, where that has ended since, over a new one.
    private static func askAnyhow(
        _ state: inout State,
        _ event: AuditEvent,
        _ path: String,
        _ deadline: MonotonicInstant
    ) throws(Errno) -> AuditOutcome {
        if state.line != nil {
            do throws(Errno) {
                return try ask(&state, event, deadline)
            } catch {
                // The log has it and is slow: once more would be twice.
                if error == .timedOut { throw error }
            }
        }
        state.line = try connect(path, deadline)
        return try ask(&state, event, deadline)
    }

    private static func connect(_ path: String, _ deadline: MonotonicInstant) throws(Errno) -> AuditLine {
        while true {
            do throws(Errno) {
                return try AuditLine(path: path)
            } catch {
                guard error == .wouldBlock, Clock.monotonic() < deadline else { throw error }
                Clock.sleep(.milliseconds(10))
            }
        }
    }

    private static func ask(
        _ state: inout State,
        _ event: AuditEvent,
        _ deadline: MonotonicInstant
    ) throws(Errno) -> AuditOutcome {
        do throws(Errno) {
            return try askOnce(&state, event, deadline)
        } catch {
            // An answer that comes late would be taken for the next one's.
            state.line = nil
            throw error
        }
    }

    private static func askOnce(
        _ state: inout State,
        _ event: AuditEvent,
        _ deadline: MonotonicInstant
    ) throws(Errno) -> AuditOutcome {
        while try state.line?.send(event) == false {
            try state.line?.descriptor.wait(for: .writable, timeout: left(until: deadline))
        }
        while state.line != nil {
            switch try state.line?.receive() {
            case .written(let seq): return .written(seq: seq)
            case .refused(let why): return .refused(why: why)
            case nil: try state.line?.descriptor.wait(for: .readable, timeout: left(until: deadline))
            }
        }
        throw .brokenPipe
    }

    private static func left(until deadline: MonotonicInstant) throws(Errno) -> Duration {
        let left = deadline - Clock.monotonic()
        guard left > .zero else { throw .timedOut }
        return left
    }
}
