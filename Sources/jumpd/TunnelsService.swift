// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import Base
internal import ConfigurationFolder
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import Systemd
internal import TunnelHistory

/// The tunnels and what they were last told, behind one lock: the main thread's timers and the control socket's callers
/// take turns.
final class TunnelsService: Sendable {
    struct State {
        var record = ApplyRecord()
        /// What stands by the last apply, without what an administrator took down.
        var wanted = WantedTunnels()
        var gateways: [TunnelID: (primary: IPAddress, backup: IPAddress?)] = [:]
        /// Each tunnel over time, and its history.
        let watch: TunnelWatch
        /// Whose key exchange is to be begun.
        var initiations: [ConnectionName] = []
        var looksAt: MonotonicInstant
        var checksAt: MonotonicInstant
        /// Which pluto was there at the last look.
        var pluto: PlutoMark?
        var notices: [String] = []
        var mended = MendRecord()
        /// Why pluto could not be made to follow at the last look; nothing when it does.
        var trouble: String?
        /// Whether it is known what should stand: by an apply, or by the files of the last one.
        var isSettled = false
    }

    /// Why a configuration was not applied.
    enum Refusal: Error {
        case configuration([Diagnostic])
        case set(TunnelSet.Failure)
        case secret(TunnelID, why: String)
        case apply(ApplyFailure)
    }

    struct Applied {
        var result: TunnelApplier.Applied
        var diagnostics: [Diagnostic]
        var generation: Int
    }

    static let looksEvery = Duration.seconds(5)
    /// A whole comparison of files and pluto with what was applied.
    static let checksEvery = Duration.seconds(30)
    /// Begun at one tick; the rest follow at the next ones.
    static let initiationsMax = 8

    let folder: String
    /// What operators do, for the audit log.
    let operators: OperatorRecord
    let applier: TunnelApplier
    let choices: TunnelChoices
    let state: Mutex<State>
    let start = ProgramStart()
    /// Rung when a timer may have changed.
    let bell: EventCounter

    init(folder: String, paths: LibreswanPaths, log: PlutoLogSource) throws(Errno) {
        self.folder = folder
        operators = OperatorRecord(folder: folder) { Log.write($0, priority: .warning) }
        applier = TunnelApplier(Toolbox(paths))
        choices = TunnelChoices(state: paths.state)
        let now = Clock.monotonic()
        let watch = TunnelWatch(historyPath: "\(paths.state)/history.db", log: log, now: Clock.wall())
        state = Mutex(State(watch: watch, looksAt: now, checksAt: now + Self.checksEvery))
        bell = try EventCounter()
    }

    /// The first apply: what cannot be taken on leaves files and pluto as they are.
    ///
    /// - Parameter isAsked: somebody's question started the program. What is to be done is theirs to say then: a plan
    ///   changes nothing.
    func applyAtStart(isAsked: Bool) {
        applier.tidy()
        adopt()
        if !isAsked { applyBySignal() }
    }

    /// SIGHUP.
    ///
    /// - Returns: whether it was taken on.
    @discardableResult
    func applyBySignal() -> Bool {
        do throws(Refusal) {
            log(try apply(.all))
            return true
        } catch {
            show(error)
            return false
        }
    }

    /// Looks after what the files of the last apply say, until something else is applied.
    private func adopt() {
        guard let files = try? applier.standing(), !files.connections.isEmpty else { return }
        let held = Set(choices.read().held.keys)
        state.withLock { state in
            state.wanted = WantedTunnels(standing: files, held: held)
            state.isSettled = true
            let tunnels = ExpectedTunnel.all(of: files.connections, held: held)
            state.expect(tunnels, at: Clock.wall())
        }
    }

    private func log(_ applied: Applied) {
        if !applied.diagnostics.isEmpty {
            StandardStream.error.write(DiagnosticRenderer().text(applied.diagnostics))
        }
        for line in applied.result.lines { Log.write(line) }
        for notice in applied.result.notices { Log.write(notice, priority: .warning) }
    }

    private func show(_ refusal: Refusal) {
        if case .configuration(let diagnostics) = refusal {
            StandardStream.error.write(DiagnosticRenderer().text(diagnostics))
        }
        Log.write("\(refusal.line); tunnels stay as they were", priority: .error)
    }

    /// Reads the files again and makes Libreswan follow.
    func apply(_ phase: TunnelApplier.Phase) throws(Refusal) -> Applied {
        let result = state.withLock { state in
            Result { () throws(Refusal) in
                do throws(Refusal) { return try apply(phase, &state) } catch {
                    state.record.noteRefused(error.line, at: Clock.wall())
                    throw error
                }
            }
        }
        bell.ring()
        return try result.get()
    }

    private func apply(_ phase: TunnelApplier.Phase, _ state: inout State) throws(Refusal) -> Applied {
        let load = try TunnelsLoad(folder: folder, applier: applier, choices: choices)
        do throws(ApplyFailure) {
            let result = try applier.apply(load.wanted, phase: phase, at: Clock.wall())
            state.noteApplied(load, result)
            return Applied(
                result: result,
                diagnostics: load.diagnostics,
                generation: state.record.status.generation
            )
        } catch {
            // Its files stand: they are what pluto is held to from now on, not those before.
            if case .partly = error { state.settle(load) }
            throw .apply(error)
        }
    }

    /// What ``apply(_:)`` would change.
    func plan() throws(Refusal) -> Applied {
        let result = state.withLock { state in
            Result { () throws(Refusal) in
                let load = try TunnelsLoad(folder: folder, applier: applier, choices: choices)
                do throws(ApplyFailure) {
                    return Applied(
                        result: try applier.plan(load.wanted),
                        diagnostics: load.diagnostics,
                        generation: state.record.status.generation
                    )
                } catch {
                    throw .apply(error)
                }
            }
        }
        return try result.get()
    }

    /// In one line, as `systemctl status` shows it: what is wrong first.
    var summary: String {
        state.withLock { state in
            var parts: [String] = []
            if let trouble = state.trouble { parts.append(trouble) }
            if let refusal = state.record.refusal { parts.append(refusal) }
            parts.append("\(state.watch.upCount) of \(state.watch.count) tunnels up")
            if let last = state.mended.lines.last { parts.append("last mended \(last)") }
            return parts.joined(separator: "; ")
        }
    }

    var programStatus: ProgramStatus { start.status(of: "jumpd tunnels") }
}

extension TunnelsService.Refusal {
    /// One line for the log and the status.
    var line: String {
        switch self {
        case .configuration(let diagnostics): return diagnostics.refusal
        case .set(let failure): return failure.description
        case .secret(let tunnel, let why): return "tunnel \(tunnel): \(why)"
        case .apply(let failure): return failure.description
        }
    }
}

extension TunnelsService.State {
    mutating func noteApplied(_ load: TunnelsLoad, _ result: TunnelApplier.Applied) {
        notices = result.notices
        trouble = nil
        initiations += result.initiations
        record.noteApplied(at: Clock.wall())
        settle(load)
    }

    /// This is what should stand from now on.
    mutating func settle(_ load: TunnelsLoad) {
        wanted = load.wanted
        gateways = load.gateways
        isSettled = true
        expect(load.expected, at: Clock.wall())
        looksAt = Clock.monotonic()
        checksAt = Clock.monotonic() + TunnelsService.checksEvery
    }

    /// These tunnels should be there from now on.
    func expect(_ tunnels: [ExpectedTunnel], at now: WallInstant) {
        watch.expect(tunnels, at: now)
        for event in watch.takeEvents() { Log.write(event) }
    }
}
