// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import TLS

/// One thread's loop of the gate: administrators' connections, the targets' connections, and what they are decided by.
final class GateWorker: EventLoop {
    /// What other threads may ask of a worker.
    enum Order: Sendable {
        case adopt(GateSnapshot)
        case recorded(token: UInt64, session: String, isRecorded: Bool)
        case answered(token: UInt64, ControlResponse)
        case end(token: UInt64, session: String, SessionEnd)
        /// Accept no more, and end every session.
        case stop
    }

    let index: Int
    let environment: GateEnvironment
    private(set) var snapshot: GateSnapshot
    private var secondLast = Int64.min
    private var isStopping = false
    private var random = SystemRandomNumberGenerator()

    init(index: Int, environment: GateEnvironment, snapshot: GateSnapshot) throws(Errno) {
        self.index = index
        self.environment = environment
        self.snapshot = snapshot
        try super.init(listeners: environment.listeners, doorbell: environment.inboxes[index].doorbell.descriptor)
    }

    override var isFinished: Bool { isStopping && isEmptyOfAccepted }

    override func obey() {
        for order in environment.inboxes[index].drain() {
            switch order {
            case .adopt(let fresh): adopt(fresh)
            case .recorded(let token, let session, let isRecorded):
                (self[token] as? AdminConnection)?.recorded(isRecorded, session: session)
            case .answered(let token, let response): (self[token] as? AdminConnection)?.answered(response)
            case .end(let token, let session, let end):
                guard let connection = self[token] as? AdminConnection,
                    connection.admission?.session.id == session
                else { continue }
                connection.finish(end)
            case .stop: stop()
            }
        }
    }

    private func adopt(_ fresh: GateSnapshot) {
        snapshot = fresh
        forEachAdmin { $0.reconsider() }
        environment.generations[index].value.store(fresh.generation, ordering: .releasing)
    }

    private func stop() {
        isStopping = true
        stopListening(until: .distantFuture)
        forEachAdmin { connection in
            switch connection.phase {
            case .relaying: connection.finish(.shutdown)
            case .lingering: connection.setDeadline(after: GateTimes.lingering)
            case .greeting, .handshaking: connection.close()
            case .opening, .asking, .recording, .dialing: connection.refuse(.stopping)
            }
        }
    }

    override func turned() {
        environment.heartbeats[index].beat()
        guard wallNow.seconds != secondLast else { return }
        secondLast = wallNow.seconds
        // Grants end by the clock on the wall, which may jump.
        forEachAdmin { connection in if connection.isGrantOver { connection.reconsider() } }
    }

    private func forEachAdmin(_ body: (AdminConnection) -> Void) {
        forEachConnection { if let connection = $0 as? AdminConnection { body(connection) } }
    }

    // MARK: accepting

    override func acceptReady(listener position: Int) { accept(listener: position) { open($0, listener: position) } }

    private func open(_ accepted: consuming AcceptedConnection, listener position: Int) {
        let listener = listeners[position]
        let peer = accepted.peer
        guard environment.handshakes.admits(peer.address, now: now) else {
            listener.refused.add(1, ordering: .relaxed)
            return environment.counters.countRefusal("handshake_rate")
        }
        let live = listeners.reduce(0) { $0 + $1.live.load(ordering: .relaxed) }
        guard live < min(snapshot.rules.gate.connectionsMax, environment.connectionsMax) else {
            listener.refused.add(1, ordering: .relaxed)
            return environment.counters.countRefusal("connections_max")
        }
        listener.live.add(1, ordering: .relaxed)
        let channel = Channel(accepted.takeDescriptor(), session: nil)
        let connection = AdminConnection(worker: self, peer: peer, listenerIndex: position, channel: channel)
        do throws(Errno) { try add(connection) } catch { return }
        connection.begin()
    }

    // MARK: small things

    /// One line for the log.
    func say(_ event: String, _ fields: KeyValuePairs<String, String>) { environment.say(event, fields, at: wallNow) }

    /// `s-` and 12 hexadecimal digits: short enough to type, and never twice in the life of a log.
    func makeSessionID() -> String {
        let bits = random.next()
        return "s-" + Hex.encode((0..<6).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
    }
}
