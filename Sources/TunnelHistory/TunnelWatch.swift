// SPDX-License-Identifier: Apache-2.0
package import Base
package import IPsecConfig

/// A tunnel that should use another gateway of the partner from now on.
package struct GatewayChange: Hashable, Sendable {
    package var tunnel: TunnelID
    package var peer: IPAddress
    package var why: String
}

/// Every tunnel over time: looked at every few seconds, kept in the history, told as documents and metrics.
///
/// It asks nobody: what pluto said is given to it, and it reads pluto's log. It never fails: without a history or a log
/// it says so in its notices. Belongs to one thread.
package final class TunnelWatch {
    /// How often it should look.
    package static let lookEvery = Duration.seconds(5)
    /// How often what is not an event is written.
    static let writeEvery = Duration.seconds(60)
    static let availabilityDays = 30

    private(set) var machines: [TunnelID: TunnelMachine] = [:]
    private var failovers: [TunnelID: FailoverMachine] = [:]
    private var remembered: [TunnelID: (memory: TunnelMemory, switchedAt: WallInstant?)] = [:]
    var history: HistoryKeeper
    private var log: PlutoLog
    let source: PlutoLogSource
    private var writtenAt: WallInstant?
    /// What has happened and was not yet taken, at most 1000.
    private var untold: [TunnelEvent] = []
    /// When each tunnel went down in the last 24 hours, at most 1000 each.
    private var flaps: [TunnelID: [WallInstant]] = [:]
    private(set) var availability: [TunnelID: Double] = [:]
    private(set) var isRunning = false
    /// The one that runs, as far as it said.
    package private(set) var version: LibreswanVersion?
    /// Connections of others that pluto has, as far as they were told.
    private(set) var foreign: [String] = []

    /// - Parameter historyPath: the file; made when it is not there, its folder must be.
    package init(historyPath: String, log source: PlutoLogSource = .journal, now: WallInstant) {
        history = HistoryKeeper(path: historyPath, at: now)
        self.source = source
        log = PlutoLog(source, after: history.cursor())
        for entry in history.memories() { remembered[entry.memory.id] = entry }
        let day = now + .seconds(-86_400)
        for event in history.events(nil, nil, since: day, limit: 100_000).reversed() {
            let isFlap = event.kind == .restarted || event.kind == .down && event.text != TunnelEvent.byAdministrator
            if isFlap { flap(event.tunnel, at: event.at) }
        }
    }

    /// The tunnels that should be there: after the start, and after each change.
    package func expect(_ tunnels: [ExpectedTunnel], at now: WallInstant) {
        var next: [TunnelID: TunnelMachine] = [:]
        var gateways: [TunnelID: FailoverMachine] = [:]
        for tunnel in tunnels {
            if var machine = machines[tunnel.id] {
                note(machine.expect(tunnel, at: now))
                next[tunnel.id] = machine
            } else {
                next[tunnel.id] = TunnelMachine(tunnel, memory: remembered[tunnel.id]?.memory, at: now)
            }
            let old = failovers[tunnel.id]
            let switchedAt = old.map(\.switchedAt) ?? remembered[tunnel.id]?.switchedAt
            guard let fresh = FailoverMachine(tunnel, switchedAt: switchedAt) else { continue }
            let isSame = old?.primary == fresh.primary && old?.backup == fresh.backup && old?.peer == fresh.peer
            gateways[tunnel.id] = isSame ? old : fresh
        }
        for (id, machine) in machines where next[id] == nil {
            remembered[id] = (machine.memory, failovers[id]?.switchedAt)
        }
        machines = next
        failovers = gateways
    }

    /// One look at pluto, and at its log.
    package func observe(_ sight: PlutoSight, at now: WallInstant) -> [GatewayChange] {
        isRunning = sight != .notRunning
        if case .report(let report) = sight {
            version = report.version ?? version
            foreign = report.foreign
        }
        hear(at: now)
        var changes: [GatewayChange] = []
        for id in machines.keys.sorted() {
            guard var machine = machines[id] else { continue }
            let flapsBefore = machine.memory.flaps
            note(machine.observe(sight, at: now))
            if machine.memory.flaps != flapsBefore { flap(id, at: now) }
            machines[id] = machine
            guard let change = failovers[id]?.observe(machine, at: now) else { continue }
            changes.append(GatewayChange(tunnel: id, peer: change.peer, why: change.why))
        }
        if history.hasEvents || writtenAt.map({ now - $0 >= Self.writeEvery || now < $0 }) ?? true { flush(at: now) }
        return changes
    }

    /// Lines of pluto's log, or of what a command of ours printed.
    package func hear(_ lines: [String], at now: WallInstant) {
        for line in lines {
            guard let line = PlutoLogLine(line), var machine = machines[line.connection.tunnel] else { continue }
            note(machine.hear(line, at: now))
            machines[line.connection.tunnel] = machine
        }
    }

    private func hear(at now: WallInstant) {
        for line in log.read(at: now) { hear([line.text], at: min(line.at, now)) }
    }

    /// Somebody told a tunnel to come up: it may take a moment.
    package func told(_ id: TunnelID, at now: WallInstant) { machines[id]?.told(at: now) }

    /// Writes everything: before the program stops, too.
    package func flush(at now: WallInstant) {
        writtenAt = now
        collect(at: now)
        history.write(
            machines.values.map(\.memory),
            switchedAt: failovers.compactMapValues(\.switchedAt),
            cursor: log.cursor,
            at: now
        )
        var sums: [TunnelID: TunnelUsage] = [:]
        for (key, usage) in history.days(nil, nil, since: HistoryBatch.day(now) - Self.availabilityDays) {
            sums[key.tunnel, default: TunnelUsage()] += usage
        }
        availability = sums.compactMapValues { usage in
            usage.watchedMilliseconds > 0
                ? 100 * Double(usage.upMilliseconds) / Double(usage.watchedMilliseconds) : nil
        }
    }

    private func note(_ events: [TunnelEvent]) {
        guard !events.isEmpty else { return }
        history.add(events)
        untold = (untold + events).suffix(1000)
    }

    /// What has happened since this was last asked, for the log.
    package func takeEvents() -> [TunnelEvent] {
        defer { untold = [] }
        return untold
    }

    package var isEmpty: Bool { machines.isEmpty }
    package var count: Int { machines.count }
    package var upCount: Int { machines.values.count { $0.state == .up } }

    /// Takes over what the tunnels did since the last time.
    func collect(at now: WallInstant) {
        for id in machines.keys.sorted() {
            if let usage = machines[id]?.takeUsage() { history.add(usage, of: id, at: now) }
        }
    }

    private func flap(_ id: TunnelID, at now: WallInstant) {
        flaps[id, default: []].append(now)
        if let count = flaps[id]?.count, count > 1000 { flaps[id]?.removeFirst(count - 1000) }
    }

    func flapsOfDay(_ id: TunnelID, at now: WallInstant) -> Int {
        let day = now + .seconds(-86_400)
        return flaps[id]?.count { $0 > day } ?? 0
    }

    var isLogReadable: Bool { log.isReadable }
}
