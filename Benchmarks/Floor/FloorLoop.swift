// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// One worker that decrypts, passes on, and encrypts what comes back, as a gateway does and without its work.
struct FloorLoop: ~Copyable {
    private enum Token {
        static let listener: UInt64 = 0
        static let signals: UInt64 = 1
        /// Even ones are clients', odd ones backend connections'.
        static let first: UInt64 = 2

        static func client(_ place: Int) -> UInt64 { first + UInt64(place) * 2 }
        static func backend(_ place: Int) -> UInt64 { first + UInt64(place) * 2 + 1 }
    }

    static let readBytesMax = 32 << 10

    private let listener: OwnedDescriptor
    private let signals: SignalDescriptor
    var poller: Poller
    let backendEndpoint: IPEndpoint
    let context: ServerContext

    var clients = Places<FloorClient>()
    var backends = Places<FloorBackend>()
    /// Those that no client has, the last used on top.
    var spareBackends: [Int] = []

    // What every event uses and none keeps.
    var received = ByteBuffer(capacity: readBytesMax)
    var plaintext = ByteBuffer(capacity: readBytesMax * 2)
    var wire = ByteBuffer(capacity: readBytesMax * 2)

    private init(
        listener: consuming OwnedDescriptor,
        signals: consuming SignalDescriptor,
        poller: consuming Poller,
        backend: IPEndpoint,
        context: ServerContext
    ) {
        self.listener = listener
        self.signals = signals
        self.poller = poller
        backendEndpoint = backend
        self.context = context
    }

    static func listening(
        _ endpoint: IPEndpoint,
        backend: IPEndpoint,
        context: ServerContext
    ) throws(Errno) -> FloorLoop {
        _ = Limits.raiseDescriptorsMax()
        let signals = try SignalDescriptor([.terminate, .interrupt])
        let listener = try Sockets.listen(endpoint)
        // Accepted connections inherit it.
        Sockets.tune(listener)
        let poller = try Poller()
        try poller.addInput(listener, token: Token.listener)
        try poller.addInput(signals.descriptor, token: Token.signals)
        return FloorLoop(listener: listener, signals: signals, poller: poller, backend: backend, context: context)
    }

    /// Serves until SIGTERM or SIGINT.
    mutating func run() throws(Errno) {
        while true {
            let count = poller.wait(timeout: nil)
            for index in 0..<count {
                let event = poller.event(index)
                guard event.token >= Token.first else {
                    if event.token == Token.signals { return }
                    try accept()
                    continue
                }
                let place = Int(event.token - Token.first) / 2
                if event.token % 2 == 0 {
                    serveClient(place, event.readiness)
                } else {
                    serveBackend(place, event.readiness)
                }
            }
        }
    }

    private mutating func accept() throws(Errno) {
        while let accepted = try Sockets.accept(listener) {
            let client = FloorClient(accepted.takeDescriptor(), Session(server: context))
            let place = clients.add(client)
            try poller.addEdge(client.socket.descriptor, token: Token.client(place))
        }
    }

    func watch(_ backend: FloorBackend, _ place: Int) throws(Errno) {
        try poller.addEdge(backend.socket.descriptor, token: Token.backend(place))
    }
}
