// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// Taking connections from the listening sockets, within what the files and the kernel allow.
extension Worker {
    func open(_ accepted: consuming AcceptedConnection, listener position: Int) {
        let listener = listeners[position]
        let peer = accepted.peer
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
