// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// Taking connections from the listening sockets, within what the files and the kernel allow.
extension Worker {
    func listen() throws(Errno) {
        for (position, listener) in environment.listeners.enumerated() {
            let token = Self.listenerTokens + 1 + UInt64(position)
            try poller.addInput(listener.descriptor, token: token, isShared: true)
        }
        isAccepting = true
        acceptsAgainAt = .distantFuture
    }

    func stopListening(until instant: MonotonicInstant) {
        for listener in environment.listeners { poller.remove(listener.descriptor) }
        isAccepting = false
        acceptsAgainAt = instant
    }

    /// A listening socket is ready.
    func acceptReady(listener position: Int) {
        let countMax = paces[position].begin(turn: turnCount)
        let takenCount = accept(listener: position, countMax: countMax)
        paces[position].end(takenCount: takenCount, isEmpty: takenCount < countMax)
    }

    /// Takes waiting connections.
    ///
    /// - Returns: how many; fewer than `countMax` when no more wait, or there is no room for more now.
    func accept(listener position: Int, countMax: Int) -> Int {
        let listener = environment.listeners[position]
        for count in 0..<countMax {
            do throws(Errno) {
                guard let accepted = try Sockets.accept(listener.descriptor) else { return count }
                open(accepted, listener, position)
            } catch {
                // Out of descriptors or memory: let some connections end first.
                stopListening(until: now + .milliseconds(100))
                return count
            }
        }
        return countMax
    }

    func open(_ accepted: consuming AcceptedConnection, _ listener: Listener, _ position: Int) {
        let peer = accepted.peer
        listener.accepted.add(1, ordering: .relaxed)
        counters.connectionsAccepted.add(1, ordering: .relaxed)
        if let reason = refusal(of: peer, on: listener) {
            listener.refused.add(1, ordering: .relaxed)
            countRefusal(reason)
            return logConnectionRefusal(reason, peer, listener)
        }
        listener.live.add(1, ordering: .relaxed)
        let isTLS = listener.side == .partners
        let channel = Channel(accepted.takeDescriptor(), session: isTLS ? Session(server: snapshot.server) : nil)
        let connection = ServerConnection(
            worker: self,
            side: listener.side,
            peer: peer,
            listenerIndex: position,
            channel: channel
        )
        do throws(Errno) { try add(connection) } catch { return }
        connection.begin()
    }

    func refusal(of peer: IPEndpoint, on listener: Listener) -> DenialReason? {
        switch listener.side {
        case .inside: return snapshot.admitsInside(peer.address) ? nil : .insideOnly
        case .partners:
            let limits = snapshot.gateway.limits
            let live = environment.listeners.reduce(0) { $0 + $1.live.load(ordering: .relaxed) }
            if live >= min(limits.connectionsMax, environment.connectionsMax) { return .connectionsMax }
            return limiter.admits(peer.address, now: now) ? nil : .handshakeRate
        }
    }

    func serverClosed(_ connection: ServerConnection) {
        environment.listeners[connection.listenerIndex].live.subtract(1, ordering: .relaxed)
    }
}
