// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Netfilter
internal import Partners
internal import Synchronization
internal import Systemd
internal import Whitelist

/// The enforcer and what it was last told, behind one lock: the main thread's timers and the control
/// socket's callers take turns.
final class EnforceService: Sendable {
    typealias KernelEnforcer = Enforcer<NetfilterSocket, ConntrackSocket>

    struct State: ~Copyable {
        var enforcer: KernelEnforcer
        var policy: EdgePolicy?
        var record = ApplyRecord()
        /// When connections that were cut are forgotten; until then their packets earn a reset.
        var forgetsAt: MonotonicInstant?
        /// When the kernel's state is compared again.
        var checksAt: MonotonicInstant
        var mended = MendRecord()
        /// Why the kernel could not be made to follow at the last look; nothing when it does.
        var trouble: String?
    }

    /// Why a configuration was not applied.
    enum Refusal: Error {
        case configuration([Diagnostic])
        case enforce(EnforceFailure)
    }

    struct Applied {
        var report: EnforceReport
        var diagnostics: [Diagnostic]
        var generation: Int
    }

    static let forgetsAfter = Duration.seconds(2)
    /// Other programs' changes are heard of at once; this is for those that were not.
    static let checksEvery = Duration.seconds(30)

    private let folder: String
    /// What operators do, for the audit log.
    let operators: OperatorRecord
    /// Where Libreswan's connections are, which know the numbers of tunnels.
    let ipsecFolder: String
    private let state: Mutex<State>
    private let start = ProgramStart()
    /// Rung when a timer may have changed.
    let bell: EventCounter

    /// - Parameter filter: the socket that owns the table, or will.
    init(
        folder: String,
        ipsecFolder: String,
        filter: consuming NetfilterSocket,
        features: Set<KernelFeature>
    ) throws(NetfilterFailure) {
        self.folder = folder
        operators = OperatorRecord(folder: folder) { Log.write($0, priority: .warning) }
        self.ipsecFolder = ipsecFolder
        let enforcer = KernelEnforcer(filter: filter, flows: try ConntrackSocket(), features: features)
        state = Mutex(State(enforcer: enforcer, checksAt: Clock.monotonic() + Self.checksEvery))
        do throws(Errno) { bell = try EventCounter() } catch {
            throw NetfilterFailure(.system(error.rawValue), subject: "make an event counter")
        }
    }

    private func load() throws(Refusal) -> (EdgePolicy, [Diagnostic]) {
        let outcome = Configuration.load(from: FolderSource(folder), now: Clock.wall(), requiring: [.host])
        guard let configuration = outcome.configuration, let host = configuration.host else {
            throw .configuration(outcome.diagnostics)
        }
        let (states, doubts) = tunnelStates(configuration)
        return (EdgePolicy(configuration, host: host, states: states), outcome.diagnostics + doubts)
    }

    /// Reads the files again and makes the kernel follow; when anything is wrong nothing changes.
    func apply() throws(Refusal) -> Applied {
        do throws(Refusal) {
            let (policy, diagnostics) = try load()
            let result = state.withLock { state in
                Result { () throws(EnforceFailure) in
                    let report = try state.enforcer.apply(policy, at: Clock.wall())
                    state.noteApplied(policy)
                    return Applied(
                        report: report,
                        diagnostics: diagnostics,
                        generation: state.record.status.generation
                    )
                }
            }
            bell.ring()
            switch result {
            case .success(let applied): return applied
            case .failure(let failure): throw .enforce(failure)
            }
        } catch {
            state.withLock { $0.record.noteRefused(error.line, at: Clock.wall()) }
            throw error
        }
    }

    /// What ``apply()`` would change.
    func plan() throws(Refusal) -> Applied {
        let (policy, diagnostics) = try load()
        let result = state.withLock { state in
            Result { () throws(EnforceFailure) in
                let report = try state.enforcer.plan(policy, at: Clock.wall())
                return Applied(report: report, diagnostics: diagnostics, generation: state.record.status.generation)
            }
        }
        switch result {
        case .success(let planned): return planned
        case .failure(let failure): throw .enforce(failure)
        }
    }

    /// Leaves a duplicate of the socket that owns the table with the service manager, in place of any other.
    func keepSocket() {
        state.withLock { state in
            ServiceManager.removeStored(name: KeptSocket.name)
            ServiceManager.store(state.enforcer.filter.descriptor, name: KeptSocket.name)
        }
    }

    /// The enforcer in one line, as `systemctl status` shows it: what is wrong first.
    var summary: String {
        state.withLock { state in
            var parts: [String] = []
            if let trouble = state.trouble { parts.append("the kernel could not be kept as it should be: \(trouble)") }
            if let refusal = state.record.refusal { parts.append(refusal) }
            let count = state.policy?.partners.count ?? 0
            parts.append("the kernel admits \(count) partner\(count == 1 ? "" : "s")")
            if let last = state.mended.lines.last { parts.append("last mended \(last)") }
            return parts.joined(separator: "; ")
        }
    }

    /// Something changed the ruleset: look soon.
    func rulesetChanged() {
        state.withLock { state in
            state.checksAt = min(state.checksAt, Clock.monotonic() + .milliseconds(200))
        }
    }

    /// Does what is due.
    ///
    /// - Returns: how long until something is due again.
    func tick() -> Duration {
        state.withLock { state in
            let now = Clock.monotonic()
            if let forgetsAt = state.forgetsAt, forgetsAt <= now { state.forget() }
            let wall = Clock.wall()
            let hasExpired = state.enforcer.applied?.changesAt.map { $0 <= wall } ?? false
            if state.checksAt <= now || hasExpired {
                state.mend(at: wall)
                state.checksAt = now + Self.checksEvery
            }
            var next = state.checksAt - now
            if let forgetsAt = state.forgetsAt { next = min(next, forgetsAt - now) }
            if let changesAt = state.enforcer.applied?.changesAt { next = min(next, changesAt - wall) }
            return max(.zero, next)
        }
    }

    /// Takes both tables away.
    func remove() throws(EnforceFailure) {
        let result = state.withLock { state in
            Result { () throws(EnforceFailure) in try state.enforcer.remove() }
        }
        if case .failure(let failure) = result { throw failure }
    }

    /// The state for an answer.
    func status() throws(EnforceFailure) -> EnforceStatusDocument {
        let program = programStatus
        let result = state.withLock { state in
            Result { () throws(EnforceFailure) in try state.document(program) }
        }
        return try result.get()
    }

    /// The same in numbers.
    func metrics() throws(EnforceFailure) -> MetricsPage {
        let program = programStatus
        let startedAt = start.at
        let result = state.withLock { state in
            Result { () throws(EnforceFailure) in
                EnforceMetrics(
                    status: try state.document(program),
                    startedAt: startedAt,
                    record: state.record,
                    mendedCount: state.mended.count
                )
            }
        }
        return try result.get().page
    }

    private var programStatus: ProgramStatus { start.status(of: "jumpd enforce") }
}

extension EnforceService.Refusal {
    /// One line for the log and the status.
    var line: String {
        switch self {
        case .configuration(let diagnostics): return diagnostics.refusal
        case .enforce(let failure): return failure.description
        }
    }
}

extension EnforceService.State {
    mutating func noteApplied(_ policy: EdgePolicy) {
        self.policy = policy
        trouble = nil
        record.noteApplied(at: Clock.wall())
        if enforcer.hasCondemned { forgetsAt = Clock.monotonic() + EnforceService.forgetsAfter }
    }

    mutating func forget() {
        forgetsAt = nil
        do throws(EnforceFailure) {
            _ = try enforcer.forgetCondemned()
        } catch {
            Log.write("\(error)", priority: .warning)
        }
    }

    /// Applies again what was applied: entries that ended go, what another program changed comes back.
    mutating func mend(at now: WallInstant) {
        guard let policy else { return }
        do throws(EnforceFailure) {
            let report = try enforcer.apply(policy, at: now)
            trouble = nil
            mended.note(report.lines, at: now)
            if enforcer.hasCondemned { forgetsAt = Clock.monotonic() + EnforceService.forgetsAfter }
        } catch {
            trouble = error.description
            Log.write("cannot keep the allow-list: \(error)", priority: .error)
        }
    }
}
