// SPDX-License-Identifier: Apache-2.0
package import Base

/// Which of the partner's two gateways one tunnel uses.
///
/// To the other one when the one in use is silent for as long as it is asked (`retransmit-timeout`); back to the first
/// one when that answers again, ``answersMin`` times in a row, or when an administrator restarts the tunnel. Never by
/// itself sooner than ``holdMin`` after the last change. A gateway that answers and refuses is not silent: its
/// neighbour would refuse as well, and somebody has to look.
package struct FailoverMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Use this gateway from now on.
        case use(IPAddress, why: String)
        /// Ask this gateway whether it lives, and tell ``answered(at:)`` or ``wasSilent()``.
        case probe(IPAddress)
    }

    /// Between two changes that nobody asked for.
    package static let holdMin = Duration.seconds(300)
    /// How often the first gateway is asked while the other is used, and how many answers in a row bring it back.
    package static let probeEvery = Duration.seconds(20)
    package static let answersMin = 3
    /// What a look every few seconds may be late.
    package static let grace = Duration.seconds(5)

    package private(set) var primary: IPAddress
    package private(set) var backup: IPAddress
    /// The one in use.
    package private(set) var peer: IPAddress
    package private(set) var switchedAt: WallInstant?
    /// Since when the one in use has not been heard.
    private var silentSince: WallInstant?
    private var probedAt: WallInstant?
    private var answers = 0

    /// - Returns: nothing for a tunnel with one gateway.
    package init?(_ tunnel: ExpectedTunnel, switchedAt: WallInstant? = nil) {
        guard let backup = tunnel.backup, backup != tunnel.primary else { return nil }
        primary = tunnel.primary
        self.backup = backup
        peer = tunnel.peer
        self.switchedAt = switchedAt
    }

    private var isOnBackup: Bool { peer != primary }

    /// One look at the tunnel.
    package mutating func observe(_ tunnel: TunnelMachine, at now: WallInstant) -> Action? {
        // A clock that was set back makes nobody wait for hours.
        if let last = switchedAt, last > now { switchedAt = now }
        if let action = leave(tunnel, at: now) { return action }
        let isDue = probedAt.map { now - $0 >= Self.probeEvery } ?? true
        guard isOnBackup, isDue else { return nil }
        probedAt = now
        return .probe(primary)
    }

    private mutating func leave(_ tunnel: TunnelMachine, at now: WallInstant) -> Action? {
        guard tunnel.state != .unknown, tunnel.state != .held, tunnel.isLoaded, !tunnel.isIKEUp else {
            silentSince = nil
            return nil
        }
        let isAnswered = tunnel.connections.values.contains { state in
            state.exchanges.contains { $0.progress == .negotiating }
        }
        let since = silentSince.map { min($0, now) } ?? now
        let failure = tunnel.memory.failure.flatMap { $0.at >= since ? $0.failure.reason : nil }
        guard !isAnswered, failure == nil || failure == .noAnswer else {
            silentSince = nil
            return nil
        }
        silentSince = since
        let limit = tunnel.expected.retransmitTimeout
        // pluto itself says so once it has asked for that long.
        guard failure == .noAnswer || now - since >= limit + Self.grace, mayChange(at: now) else { return nil }
        return use(isOnBackup ? primary : backup, why: "\(peer) has been silent for \(limit.text)", at: now)
    }

    /// The first gateway answered a probe.
    package mutating func answered(at now: WallInstant) -> Action? {
        guard isOnBackup else { return nil }
        answers += 1
        guard answers >= Self.answersMin, mayChange(at: now) else { return nil }
        return use(primary, why: "\(primary) answers again", at: now)
    }

    /// A probe had no answer.
    package mutating func wasSilent() { answers = 0 }

    /// An administrator restarted the tunnel: the first gateway again, at once.
    package mutating func restarted(at now: WallInstant) -> Action? {
        isOnBackup ? use(primary, why: "an administrator restarted the tunnel", at: now) : nil
    }

    private func mayChange(at now: WallInstant) -> Bool { switchedAt.map { now - $0 >= Self.holdMin } ?? true }

    private mutating func use(_ next: IPAddress, why: String, at now: WallInstant) -> Action {
        peer = next
        switchedAt = now
        silentSince = nil
        probedAt = nil
        answers = 0
        return .use(next, why: why)
    }
}
