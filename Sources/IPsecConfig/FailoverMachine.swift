// SPDX-License-Identifier: Apache-2.0
package import Base

/// Which of the partner's two gateways one tunnel uses.
///
/// To the other one when the one in use is silent for as long as it is asked (`retransmit-timeout`), and never by itself
/// sooner than ``holdMin`` after the last change. A gateway that answers and refuses is not silent: its neighbour would
/// refuse as well, and somebody has to look. From a backup that works it goes back when an administrator restarts the
/// tunnel, and not by itself: whether the first gateway is well cannot be known without leaving the one that is.
package struct FailoverMachine: Hashable, Sendable {
    /// What is to be done.
    package struct Change: Hashable, Sendable {
        /// The gateway to use from now on.
        package var peer: IPAddress
        package var why: String
    }

    /// Between two changes that nobody asked for.
    package static let holdMin = Duration.seconds(300)
    /// What a look every few seconds may be late.
    package static let grace = Duration.seconds(5)

    package private(set) var primary: IPAddress
    package private(set) var backup: IPAddress
    /// The one in use.
    package private(set) var peer: IPAddress
    package private(set) var switchedAt: WallInstant?
    /// Since when the one in use has not been heard.
    private var silentSince: WallInstant?

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
    package mutating func observe(_ tunnel: TunnelMachine, at now: WallInstant) -> Change? {
        // A clock that was set back makes nobody wait for hours.
        if let last = switchedAt, last > now { switchedAt = now }
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

    private func mayChange(at now: WallInstant) -> Bool { switchedAt.map { now - $0 >= Self.holdMin } ?? true }

    private mutating func use(_ next: IPAddress, why: String, at now: WallInstant) -> Change {
        peer = next
        switchedAt = now
        silentSince = nil
        return Change(peer: next, why: why)
    }
}
