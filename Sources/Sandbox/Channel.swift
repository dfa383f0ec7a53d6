// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// One connection of a simulator, plain or TLS, used by one thread that may block.
struct Channel: ~Copyable {
    private static let readBytesMax = 64 << 10

    private let socket: OwnedDescriptor
    private var session: Session?
    /// What arrived and was not consumed yet.
    var received = ByteBuffer()
    private var wire = ByteBuffer()
    private var hasEnded = false
    /// The subject of the certificate the other end showed.
    private(set) var certificate: String?
    /// Nothing may wait past this instant.
    var deadline: MonotonicInstant

    /// A plain connection.
    init(_ socket: consuming OwnedDescriptor, deadline: MonotonicInstant) {
        self.socket = socket
        self.deadline = deadline
        session = nil
    }

    /// The called side of a TLS connection; returns when the handshake is over.
    static func accept(
        _ socket: consuming OwnedDescriptor,
        _ context: ServerContext?,
        deadline: MonotonicInstant
    ) throws(CallFailure) -> Channel {
        var channel = Channel(socket, deadline: deadline)
        guard let context else { return channel }
        channel.session = Session(server: context)
        try channel.handshake()
        return channel
    }

    /// The calling side of a TLS connection; returns when the handshake is over.
    static func open(
        _ socket: consuming OwnedDescriptor,
        _ context: ClientContext?,
        serverName: String,
        deadline: MonotonicInstant
    ) throws(CallFailure) -> Channel {
        var channel = Channel(socket, deadline: deadline)
        guard let context else { return channel }
        var session = Session(client: context, serverName: serverName)
        do {
            try session.start(replies: &channel.wire)
        } catch {
            throw .session(error.text)
        }
        channel.session = consume session
        try channel.flush()
        try channel.handshake()
        return channel
    }

    private mutating func handshake() throws(CallFailure) {
        while session?.isEstablished == false {
            guard try fill() else { throw .cut("the connection ended during the handshake") }
        }
        certificate = session?.peer?.subject
    }

    /// Reads once into ``received``.
    ///
    /// - Returns: false when the other end will send no more.
    mutating func fill() throws(CallFailure) -> Bool {
        guard !hasEnded else { return false }
        while true {
            var arrived = ByteBuffer()
            let outcome: ReadOutcome
            do {
                outcome = try socket.read(into: &arrived, byteCountMax: Self.readBytesMax)
            } catch {
                throw .cut(error.description)
            }
            switch outcome {
            case .received: return try take(arrived.bytes)
            case .wouldBlock: try wait(for: .readable, "bytes")
            case .endOfStream:
                hasEnded = true
                return false
            }
        }
    }

    private mutating func take(_ bytes: Span<UInt8>) throws(CallFailure) -> Bool {
        guard session != nil else {
            received.append(bytes)
            return true
        }
        do {
            if try session?.receive(bytes, into: &received, replies: &wire) == .closed { hasEnded = true }
        } catch {
            // The alert that tells the other end why.
            try? flush()
            throw .session(error.text)
        }
        try flush()
        return !hasEnded || !received.isEmpty
    }

    /// Sends all of `bytes`.
    mutating func send(_ bytes: Span<UInt8>) throws(CallFailure) {
        if session == nil {
            wire.append(bytes)
        } else {
            do {
                try session?.send(bytes, into: &wire)
            } catch {
                throw .session(error.text)
            }
        }
        try flush()
    }

    /// Says that nothing follows, as TLS wants it said, and half-closes.
    mutating func finish() {
        session?.close(into: &wire)
        // The other end may be gone already: there is nobody left to tell.
        try? flush()
        socket.shutdownWrites()
    }

    private mutating func flush() throws(CallFailure) {
        while !wire.isEmpty {
            let outcome: WriteOutcome
            do {
                outcome = try socket.send(wire.bytes)
            } catch {
                throw .cut(error.description)
            }
            switch outcome {
            case .sent(let byteCount): wire.consume(byteCount)
            case .wouldBlock: try wait(for: .writable, "room to send")
            }
        }
    }

    private func wait(for readiness: OwnedDescriptor.Readiness, _ what: String) throws(CallFailure) {
        let now = Clock.monotonic()
        guard now < deadline else { throw .timedOut(waitingFor: what) }
        do {
            try socket.wait(for: readiness, timeout: deadline - now)
        } catch {
            throw error == .timedOut ? .timedOut(waitingFor: what) : .cut(error.description)
        }
    }
}

extension TLSFailure {
    /// What the library said, and what it found wrong with the certificate.
    var text: String { ([verifyError].compactMap(\.self) + reasons).joined(separator: "; ") }
}
