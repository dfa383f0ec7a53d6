// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Synchronization
internal import Systemd
internal import TunnelHistory

/// What is done by the clock: tunnels are looked at, key exchanges begun, and what went missing is put back.
extension TunnelsService {
    /// Pluto loads its connections by itself when it starts; it is given this long before anybody helps.
    private static let startTime = Duration.seconds(3)

    /// Callers of the control socket get the lock in between.
    private static let initiationPause = Duration.milliseconds(50)

    /// Does what is due.
    ///
    /// - Returns: how long until something is due again.
    func tick() -> Duration {
        state.withLock { state in
            initiate(&state)
            let now = Clock.monotonic()
            if state.looksAt <= now {
                look(&state)
                state.looksAt = Clock.monotonic() + Self.looksEvery
            }
            if state.checksAt <= now {
                mend(&state)
                state.checksAt = Clock.monotonic() + Self.checksEvery
            }
            guard state.initiations.isEmpty else { return Self.initiationPause }
            return max(.zero, min(state.looksAt, state.checksAt) - Clock.monotonic())
        }
    }

    /// Begins some of the key exchanges that are waiting for it, and waits for the end of none.
    private func initiate(_ state: inout State) {
        let names = state.initiations.prefix(Self.initiationsMax)
        state.initiations.removeFirst(names.count)
        for name in names {
            do throws(ToolFailure) {
                try applier.tools.initiate(name)
            } catch {
                Log.write("\(name): \(error)", priority: .warning)
                if case .plutoSilent = error { state.initiations = [] }
            }
        }
    }

    /// One look at pluto.
    private func look(_ state: inout State) {
        guard !state.watch.isEmpty else { return }
        let sight = sight(&state)
        let now = Clock.wall()
        let changes = state.watch.observe(sight, at: now)
        for event in state.watch.takeEvents() { Log.write(event) }
        for change in changes { follow(change, &state, at: now) }
    }

    private func sight(_ state: inout State) -> PlutoSight {
        let mark = PlutoMark(applier.tools.paths)
        if let mark, mark != state.pluto {
            if state.pluto != nil { Log.write("Libreswan was started anew: what it loaded is compared") }
            state.checksAt = min(state.checksAt, Clock.monotonic() + Self.startTime)
        }
        state.pluto = mark ?? state.pluto
        do throws(ToolFailure) {
            let status = try applier.tools.status()
            let traffic = try applier.tools.trafficStatus()
            return .report(PlutoReport(status: Array(status.utf8), traffic: Array(traffic.utf8)))
        } catch {
            if case .plutoSilent = error { return .notRunning }
            return .unreadable
        }
    }

    /// Applies again what was applied: what somebody changed in files or in pluto, and what pluto did not load.
    private func mend(_ state: inout State) {
        guard state.isSettled, !state.wanted.connections.isEmpty else { return }
        do throws(ApplyFailure) {
            let now = Clock.wall()
            let result = try applier.apply(state.wanted, at: now)
            state.trouble = nil
            state.notices = result.notices
            state.initiations += result.initiations
            state.mended.note(result.lines, at: now)
        } catch {
            state.trouble = error.description
            Log.write("cannot keep the tunnels: \(error)", priority: .error)
        }
    }
}

extension Log {
    static func write(_ event: TunnelEvent) {
        let why = event.text.isEmpty ? "" : ": \(event.text)"
        write(
            Line(text: "tunnel \(event.tunnel) \(event.kind.rawValue)\(why)", partner: event.tunnel.partner.rawValue),
            priority: event.kind == .down || event.kind == .failed ? .warning : .information
        )
    }
}
