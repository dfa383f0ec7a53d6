// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO

/// The backend's one thread: one receive and one send per request, and no memory taken for it.
struct BackendLoop: ~Copyable {
    private enum Token {
        static let listener: UInt64 = 0
        static let signals: UInt64 = 1
        /// That of the connection in place 0; the others follow.
        static let firstConnection: UInt64 = 2
    }

    private static let readBytesMax = 64 << 10

    private let listener: OwnedDescriptor
    private let signals: SignalDescriptor
    private var poller: Poller
    private var connections: [BackendConnection?] = []
    private var freePlaces: [Int] = []
    private var received = ByteBuffer(capacity: readBytesMax * 2)
    private var answers = ByteBuffer(capacity: readBytesMax)
    private let filler =
        JSONFiller.bytes(count: BackendExchange.answerBytesDefault)
        + [UInt8](repeating: UInt8(ascii: " "), count: readBytesMax)

    /// - Parameter poller: watches nothing yet.
    private init(
        listener: consuming OwnedDescriptor,
        signals: consuming SignalDescriptor,
        poller: consuming Poller
    ) {
        self.listener = listener
        self.signals = signals
        self.poller = poller
    }

    static func listening(_ endpoint: IPEndpoint) throws(Errno) -> BackendLoop {
        _ = Limits.raiseDescriptorsMax()
        let signals = try SignalDescriptor([.terminate, .interrupt])
        let listener = try Sockets.listen(endpoint)
        // Accepted connections inherit it.
        Sockets.tune(listener)
        let poller = try Poller()
        try poller.addInput(listener, token: Token.listener)
        try poller.addInput(signals.descriptor, token: Token.signals)
        return BackendLoop(listener: listener, signals: signals, poller: poller)
    }

    /// Serves until SIGTERM or SIGINT.
    mutating func run() throws(Errno) {
        while true {
            let count = poller.wait(timeout: nil)
            for index in 0..<count {
                let event = poller.event(index)
                switch event.token {
                case Token.signals: return
                case Token.listener: try accept()
                default: serve(Int(event.token - Token.firstConnection), event.readiness)
                }
            }
        }
    }

    private mutating func accept() throws(Errno) {
        while let accepted = try Sockets.accept(listener) {
            let connection = BackendConnection(accepted.takeDescriptor())
            let place = freePlaces.popLast() ?? connections.count
            if place == connections.count { connections.append(nil) }
            connections[place] = connection
            try poller.addEdge(connection.socket.descriptor, token: Token.firstConnection + UInt64(place))
        }
    }

    private mutating func serve(_ place: Int, _ readiness: Readiness) {
        guard let connection = connections[place] else { return }
        do throws(Errno) {
            if readiness.isWritable, !connection.socket.isSettled { try connection.socket.flush() }
            if try receive(connection, isEnding: readiness.isPeerClosing) { return }
        } catch {
            // Whoever reset the connection knows why; the load generator sees what became of its request.
        }
        connections[place] = nil
        freePlaces.append(place)
    }

    /// Reads until the socket is empty.
    ///
    /// - Returns: whether the connection goes on.
    private mutating func receive(_ connection: BackendConnection, isEnding: Bool) throws(Errno) -> Bool {
        while true {
            received.removeAll()
            received.append(connection.leftover.bytes)
            let byteCount: Int
            switch try connection.socket.descriptor.read(into: &received, byteCountMax: Self.readBytesMax) {
            case .received(let count): byteCount = count
            case .wouldBlock: return true
            case .endOfStream: return false
            }
            connection.leftover.removeAll()
            answers.removeAll()
            let consumed = Self.take(received, on: connection, filler, into: &answers)
            if !answers.isEmpty { try connection.socket.send(answers.bytes) }
            guard let consumed else { return false }
            if consumed < received.count { connection.leftover.append(received.bytes.extracting(consumed...)) }
            // Less than what was asked for: there was no more, and what comes next is a new event.
            if byteCount < Self.readBytesMax, !isEnding { return true }
        }
    }

    private static func take(
        _ received: borrowing ByteBuffer,
        on connection: BackendConnection,
        _ filler: [UInt8],
        into answers: inout ByteBuffer
    ) -> Int? {
        connection.exchange.take(received.bytes, filler: filler.span, answers: &answers)
    }
}
