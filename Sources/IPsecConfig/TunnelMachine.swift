// SPDX-License-Identifier: Apache-2.0
package import Base

/// What could be seen of pluto at one moment.
package enum PlutoSight: Hashable, Sendable {
    case notRunning
    /// It runs and could not be asked, or its answer not be read.
    case unreadable
    case report(PlutoReport)
}

/// One tunnel as it was observed over time: up or down, since when, how often, how much, and why not.
///
/// Sans-I/O: observations and log lines in, events out. It is looked at every few seconds, so that a tunnel that was set
/// up anew between two looks is told from a rekey by the numbers pluto gives its SAs: after a rekey one of the two SAs is
/// still the old one, or the old child SA is still there.
package struct TunnelMachine: Hashable, Sendable {
    package enum State: String, CaseIterable, Hashable, Sendable {
        case up
        /// Some pairs of networks have a child SA, others not.
        case partial
        /// It was told to come up less than ``startingMax`` ago.
        case starting
        case down
        /// An administrator took it down.
        case held
        /// pluto could not be asked.
        case unknown
    }

    package static let startingMax = Duration.seconds(60)
    /// Longer than this between two looks, and nothing is said of the time between.
    package static let gapMax = Duration.seconds(120)

    package private(set) var expected: ExpectedTunnel
    package private(set) var memory: TunnelMemory
    /// When it was last told to come up.
    private var toldAt: WallInstant?
    private var usage = TunnelUsage()
    /// The last look of this run of the program.
    private var seenAt: WallInstant?
    /// What the last look found, by connection.
    package private(set) var connections: [ConnectionName: ConnectionState] = [:]

    /// - Parameter memory: what the history kept of it; nothing for a new tunnel.
    package init(_ expected: ExpectedTunnel, memory: TunnelMemory? = nil, at now: WallInstant) {
        self.expected = expected
        self.memory = memory ?? TunnelMemory(id: expected.id, state: .starting, since: now)
        self.memory.connections = self.memory.connections.filter { expected.connections.contains($0.key) }
        toldAt = now
    }

    package var id: TunnelID { expected.id }
    package var state: State { memory.state }
    package var isIKEUp: Bool { expected.connections.contains { connections[$0]?.isIKEUp ?? false } || upCount > 0 }
    package var isLoaded: Bool { expected.connections.allSatisfy { connections[$0] != nil } }
    /// Pairs of networks with a child SA.
    package var upCount: Int { expected.connections.count { connections[$0]?.isUp ?? false } }
    package var isNegotiating: Bool { expected.connections.contains { connections[$0]?.isNegotiating ?? false } }

    /// Takes what has happened since it was last taken.
    package mutating func takeUsage() -> TunnelUsage {
        defer { usage = TunnelUsage() }
        return usage
    }

    /// It was configured, restarted or told to come up: it may take a moment.
    package mutating func expect(_ expected: ExpectedTunnel, at now: WallInstant) -> [TunnelEvent] {
        guard expected != self.expected else { return [] }
        var events: [TunnelEvent] = []
        let old = self.expected
        self.expected = expected
        if old.isHeld != expected.isHeld {
            events.append(TunnelEvent(id, expected.isHeld ? .held : .released, at: now, TunnelEvent.byAdministrator))
        }
        if old.peer != expected.peer {
            let which = expected.isOnBackup ? "the backup gateway" : old.isOnBackup ? "the first gateway" : "gateway"
            events.append(TunnelEvent(id, .switched, at: now, "to \(which) \(expected.peer)"))
        }
        memory.connections = memory.connections.filter { expected.connections.contains($0.key) }
        told(at: now)
        return events
    }

    /// An administrator restarted it, or said that it shall come up.
    package mutating func told(at now: WallInstant) { toldAt = now }

    /// One look at pluto.
    package mutating func observe(_ sight: PlutoSight, at now: WallInstant) -> [TunnelEvent] {
        count(until: now)
        var events: [TunnelEvent] = []
        switch sight {
        case .unreadable:
            connections = [:]
            // What it is cannot be said; what it was is not forgotten.
            events += become(.unknown, at: now)
        case .notRunning:
            connections = [:]
            for name in memory.connections.keys { memory.connections[name]?.wasUp = false }
            events += become(expected.isHeld ? .held : .down, at: now, "Libreswan does not run")
        case .report(let report):
            connections = expected.connections.reduce(into: [:]) { $0[$1] = report.connections[$1] }
            var wasSetUpAnew = false
            for name in expected.connections {
                wasSetUpAnew = follow(name, connections[name]) || wasSetUpAnew
            }
            let found = found(at: now)
            if wasSetUpAnew, memory.state == .up, found == .up {
                usage.flaps += 1
                memory.flaps += 1
                memory.since = upSince(at: now)
                events.append(TunnelEvent(id, .restarted, at: now, "set up anew between two looks"))
            }
            events += become(found, at: now)
        }
        seenAt = now
        return events
    }

    /// One line of pluto's log about one of its connections.
    package mutating func hear(_ line: PlutoLogLine, at now: WallInstant) -> [TunnelEvent] {
        guard line.connection.tunnel == id, let failure = line.failure else { return [] }
        let heard = TunnelMemory.HeardFailure(failure: failure, serial: line.serial, at: now)
        if let last = memory.failure {
            // One attempt writes several lines: what says most stays.
            let isSameAttempt = last.serial == line.serial && now - last.at < Self.gapMax
            if isSameAttempt, last.failure.reason.weight > failure.reason.weight { return [] }
            if isSameAttempt, last.failure.reason == failure.reason, last.failure.theirs != nil,
                failure.theirs == nil
            {
                return []
            }
            let isNews = last.failure.reason != failure.reason || last.at < memory.since
            // The moment is kept as well: the last time is what somebody asks for.
            memory.failure = heard
            guard isNews, memory.state != .up else { return [] }
        } else {
            memory.failure = heard
        }
        return [TunnelEvent(id, .failed, at: now, failure.reason.words)]
    }

    // MARK: What is found

    private func found(at now: WallInstant) -> State {
        let count = upCount
        if count == expected.connections.count, count > 0 { return .up }
        if expected.isHeld { return count > 0 ? .partial : .held }
        let isYoung = toldAt.map { now - $0 < Self.startingMax } ?? false
        if isYoung, memory.state == .starting || memory.state == .held || memory.state == .unknown { return .starting }
        return count > 0 ? .partial : .down
    }

    private mutating func become(_ state: State, at now: WallInstant, _ why: String = "") -> [TunnelEvent] {
        let old = memory.state
        guard state != old else {
            if state == .up { memory.lastUpAt = now }
            return []
        }
        memory.state = state
        // Not being able to look is no change of the tunnel.
        if state == .unknown {
            memory.before = old
            return []
        }
        let before = old == .unknown ? memory.before ?? .unknown : old
        memory.before = nil
        guard state != before else { return [] }
        memory.since = state == .up ? upSince(at: now) : now
        if state == .up {
            memory.lastUpAt = now
            return [TunnelEvent(id, .up, at: memory.since)]
        }
        guard before == .up || before == .partial && state == .down else { return [] }
        if before == .up, state != .held {
            usage.flaps += 1
            memory.flaps += 1
        }
        return [TunnelEvent(id, .down, at: now, why.isEmpty ? whyDown(state, at: now) : why)]
    }

    private func whyDown(_ state: State, at now: WallInstant) -> String {
        if state == .held { return TunnelEvent.byAdministrator }
        if let heard = memory.failure, now - heard.at < Self.gapMax { return heard.failure.reason.words }
        if !isLoaded { return "not loaded into Libreswan" }
        return state == .partial ? "\(upCount) of \(expected.connections.count) pairs of networks are up" : ""
    }

    /// Since when every pair has been up: the kernel's word where there is one.
    private func upSince(at now: WallInstant) -> WallInstant {
        let starts = expected.connections.compactMap { name in
            connections[name]?.traffic.values.map(\.addedAt).filter { $0 > 0 }.min()
        }
        guard let last = starts.max(), starts.count == expected.connections.count else { return now }
        // It was seen down after that: a clock was set, or the time is another one's.
        let start = WallInstant(seconds: last)
        return memory.lastUpAt != nil && start < memory.since ? now : min(start, now)
    }

    // MARK: What has changed

    /// - Returns: whether it was up before and is up by other SAs altogether.
    private mutating func follow(_ name: ConnectionName, _ state: ConnectionState?) -> Bool {
        var known = memory.connections[name] ?? TunnelMemory.Pair()
        defer { memory.connections[name] = known }
        guard let state else {
            known.wasUp = false
            return false
        }
        add(state.traffic, to: &known)
        defer {
            known.wasUp = state.isUp
            known.childSerial = state.childSerial
            known.ikeSerial = state.ikeSerial
        }
        guard known.wasUp, state.isUp else { return false }
        let isOtherChild = known.childSerial != state.childSerial
        let isOtherIKE = known.ikeSerial != 0 && state.ikeSerial != 0 && known.ikeSerial != state.ikeSerial
        let isOldThere = state.exchanges.contains { $0.serial == known.childSerial }
        // Numbers only rise while pluto runs: lower ones are another pluto's.
        let isOtherPluto = state.childSerial < known.childSerial
        if isOtherPluto || isOtherChild && isOtherIKE && !isOldThere { return true }
        let rekeys = (isOtherChild ? 1 : 0) + (isOtherIKE ? 1 : 0)
        usage.rekeys += rekeys
        memory.rekeys += rekeys
        return false
    }

    /// Adds what went through since the last look, across child SAs that come and go.
    private mutating func add(_ traffic: [Int: ConnectionState.Traffic], to known: inout TunnelMemory.Pair) {
        for (serial, now) in traffic {
            let before = known.traffic[serial].flatMap { $0.addedAt == now.addedAt ? $0 : nil }
            let bytesIn = now.bytesIn - (before?.bytesIn ?? 0)
            let bytesOut = now.bytesOut - (before?.bytesOut ?? 0)
            // A count that went back is another SA's.
            usage.bytesIn &+= bytesIn >= 0 ? bytesIn : now.bytesIn
            usage.bytesOut &+= bytesOut >= 0 ? bytesOut : now.bytesOut
            memory.bytesIn &+= bytesIn >= 0 ? bytesIn : now.bytesIn
            memory.bytesOut &+= bytesOut >= 0 ? bytesOut : now.bytesOut
        }
        known.traffic = traffic
    }

    private mutating func count(until now: WallInstant) {
        guard let seenAt, now > seenAt, now - seenAt <= Self.gapMax, memory.state != .unknown else { return }
        let milliseconds = now.milliseconds - seenAt.milliseconds
        usage.watchedMilliseconds += milliseconds
        if memory.state == .up { usage.upMilliseconds += milliseconds }
    }
}
