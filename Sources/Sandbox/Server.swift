// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO
internal import Synchronization
package import TLS

/// One listening socket of a simulator: a thread that accepts, and a thread for each connection.
package final class Server: Sendable {
    private static let handshakeMax = Duration.seconds(10)
    private static let idleMax = Duration.seconds(90)

    /// TCP with or without TLS, or a Unix socket.
    package enum Door: Sendable {
        case tcp(IPEndpoint, ServerContext?)
        case unix(path: String)
    }

    private let listener: OwnedDescriptor
    private let door: Door
    private let role: any Role
    private let faults: FaultPlan
    private let log: EventLog
    private let isStopped = Atomic(false)

    /// Opens the door and starts answering; ``stop()`` ends it.
    ///
    /// - Throws: what `listen` and `bind` say.
    package static func start(
        _ door: Door,
        role: any Role,
        faults: FaultPlan = FaultPlan(),
        log: EventLog
    ) throws(Errno) -> Server {
        let server = try Server(door, role, faults, log)
        _ = try OwnedThread(name: "accept") { server.accept() }
        return server
    }

    private init(_ door: Door, _ role: any Role, _ faults: FaultPlan, _ log: EventLog) throws(Errno) {
        switch door {
        case .tcp(let endpoint, _): listener = try Sockets.listen(endpoint)
        case .unix(let path): listener = try UnixSockets.listen(path, mode: 0o600)
        }
        self.door = door
        self.role = role
        self.faults = faults
        self.log = log
    }

    /// Where it listens: for those who asked for any free port.
    package var endpoint: IPEndpoint? { Sockets.localEndpoint(listener) }

    /// Ends accepting and every connection, each at its next request or within a blink.
    package func stop() { isStopped.store(true, ordering: .releasing) }

    private func accept() {
        while !isStopped.load(ordering: .acquiring) {
            do {
                try listener.wait(for: .readable, timeout: .milliseconds(50))
                switch door {
                case .tcp(_, let context):
                    guard let connection = try Sockets.accept(listener) else { continue }
                    Sockets.tune(connection.descriptor)
                    let peer = connection.peer.address
                    try serve(connection.takeDescriptor().release(), peer, context)
                case .unix:
                    guard let connection = try UnixSockets.accept(listener) else { continue }
                    try serve(connection.release(), nil, nil)
                }
            } catch {
                // Nobody came; or there are no descriptors or threads left: some connection will end.
                if error != .timedOut { Clock.sleep(.milliseconds(20)) }
            }
        }
    }

    /// - Parameter number: an open descriptor; a thread's closure cannot hold its owner.
    private func serve(_ number: CInt, _ peer: IPAddress?, _ context: ServerContext?) throws(Errno) {
        do {
            _ = try OwnedThread(name: "connection") { [self] in
                converse(OwnedDescriptor(adopting: number), peer, context)
            }
        } catch {
            _ = OwnedDescriptor(adopting: number)
            throw error
        }
    }

    private func converse(_ socket: consuming OwnedDescriptor, _ peer: IPAddress?, _ context: ServerContext?) {
        var requestCount = 0
        do throws(CallFailure) {
            let deadline = Clock.monotonic() + Self.handshakeMax
            var connection = ServedConnection(try Channel.accept(socket, context, deadline: deadline), peer)
            while !isStopped.load(ordering: .acquiring) {
                guard let request = try connection.next(deadline: Clock.monotonic() + Self.idleMax) else { break }
                requestCount += 1
                guard try answer(request, on: &connection) else { return }
            }
            connection.finish()
        } catch {
            log.write(.refusal) { event in
                event.peer = peer?.description
                event.detail = error.description
            }
        }
    }

    /// - Returns: false when the connection must end without another word.
    private func answer(_ request: ReceivedRequest, on connection: inout ServedConnection) throws(CallFailure) -> Bool {
        let startedAt = Clock.monotonic()
        let fault = faults.take()
        let answer: Answer
        switch fault {
        case .answer(let status): answer = Answer(status: status)
        case .refuse: answer = .json(200, TerraPay.Acknowledgement(acknowledged: "false"))
        case .cut, .die: answer = Answer(status: 200, body: Array("{\"half\":".utf8))
        case .stall(let duration):
            Clock.sleep(duration)
            answer = role.answer(request)
        case nil: answer = role.answer(request)
        }
        // Written down before it is answered: whoever has the answer finds the line.
        record(request, fault == .cut || fault == .die ? nil : answer.status, fault, since: startedAt)
        switch fault {
        case .cut: return false
        case .die:
            try connection.sendHalf(of: answer)
            return false
        default:
            try connection.send(answer)
            return connection.isPersistent
        }
    }

    private func record(_ request: ReceivedRequest, _ status: Int?, _ fault: Fault.Kind?, since: MonotonicInstant) {
        log.write(.request) { event in
            let named = JSON.decode(NamedTransfer.self, request.body)
            event.peer = request.peer?.description
            event.certificate = request.certificate
            event.method = request.method
            event.path = request.path
            event.status = status
            event.milliseconds = Int((Clock.monotonic() - since).milliseconds)
            event.transfer = named?.transactionId ?? named?.transactionReference
            event.reference = named?.partnerTransId ?? named?.requestingOrganisationTransactionReference
            event.partner = request.fields["X-EIG-Partner"]
            event.id = request.fields.callbackID ?? request.fields["X-EIG-Request-Id"]
            event.detail = fault.map { "fault: \($0)" }
            event.body = String(decoding: request.body.prefix(4096), as: UTF8.self)
        }
    }
}

/// The names under which every body of the demonstration mentions its transfer.
private struct NamedTransfer: Decodable {
    var transactionId: String?
    var transactionReference: String?
    var partnerTransId: String?
    var requestingOrganisationTransactionReference: String?
}
