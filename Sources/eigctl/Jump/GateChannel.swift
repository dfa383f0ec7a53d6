// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners
internal import TLS

/// One TLS connection to a gate, used by one thread that may block.
struct GateChannel: ~Copyable {
    private static let readBytesMax = 64 << 10
    /// For one address of several.
    private static let connectTime = Duration.seconds(10)

    let gate: GateAddress
    let socket: OwnedDescriptor
    var session: Session
    /// What the gate said and was not consumed yet.
    var received = ByteBuffer()
    /// What the gate has still to be told.
    var wire = ByteBuffer()
    /// Whether the gate will say no more, and said so.
    private(set) var hasEnded = false

    /// Calls, and returns when the gate was found to be the gate.
    ///
    /// Whether it takes our certificate is known with its first word (RFC 8446 §4.4.2.4).
    static func open(
        _ gate: GateAddress,
        _ context: ClientContext,
        until deadline: MonotonicInstant
    ) throws(Failure) -> GateChannel {
        let socket = try connect(gate, until: deadline)
        var channel = GateChannel(
            gate: gate,
            socket: socket,
            session: Session(client: context, serverName: gate.host)
        )
        do throws(TLSFailure) {
            try channel.session.start(replies: &channel.wire)
        } catch {
            throw GateFailure.session(error, gate)
        }
        try channel.flush(until: deadline)
        while !channel.session.isEstablished {
            guard try channel.fill(until: deadline) else { throw GateFailure.cut(gate, "during the TLS handshake") }
        }
        return channel
    }

    private static func connect(_ gate: GateAddress, until deadline: MonotonicInstant) throws(Failure)
        -> OwnedDescriptor
    {
        let addresses: [IPAddress]
        do throws(ResolveFailure) {
            addresses = try Resolver.addresses(of: gate.host)
        } catch {
            throw Failure(code: "unreachable", message: "gate \(gate): \(error.reason)", hint: "is the name right?")
        }
        var why = Errno.noEntry
        for address in addresses {
            let left = deadline - Clock.monotonic()
            guard left > .zero else {
                why = .timedOut
                break
            }
            do throws(Errno) {
                let socket = try Sockets.connect(IPEndpoint(address: address, port: gate.port))
                try socket.wait(for: .writable, timeout: min(left, connectTime))
                if let error = Sockets.connectError(socket) { throw error }
                Sockets.tune(socket)
                return socket
            } catch {
                why = error
            }
        }
        throw GateFailure.unreachable(gate, why)
    }

    /// Sends what `bytes` say.
    mutating func send(_ bytes: Span<UInt8>, until deadline: MonotonicInstant) throws(Failure) {
        do throws(TLSFailure) {
            try session.send(bytes, into: &wire)
        } catch {
            throw GateFailure.session(error, gate)
        }
        try flush(until: deadline)
    }

    mutating func flush(until deadline: MonotonicInstant) throws(Failure) {
        do throws(Errno) {
            while !wire.isEmpty {
                switch try socket.send(wire.bytes) {
                case .sent(let byteCount): wire.consume(byteCount)
                case .wouldBlock: try socket.wait(for: .writable, timeout: Self.left(until: deadline))
                }
            }
        } catch {
            // A gate that refuses us says why and closes: what it said is still to be read.
            guard error == .brokenPipe else { throw GateFailure.lost(gate, error) }
            wire.removeAll()
        }
    }

    /// Waits for something and reads once into ``received``.
    ///
    /// - Returns: false when the connection has ended, with or without the gate's word for it: ``hasEnded``.
    mutating func fill(until deadline: MonotonicInstant) throws(Failure) -> Bool {
        while true {
            switch try take() {
            case .received: return true
            case .endOfStream: return false
            case .wouldBlock:
                do throws(Errno) {
                    try socket.wait(for: .readable, timeout: Self.left(until: deadline))
                } catch {
                    throw GateFailure.lost(gate, error)
                }
            }
        }
    }

    /// Reads once, without waiting.
    mutating func take() throws(Failure) -> ReadOutcome {
        guard !hasEnded else { return .endOfStream }
        var arrived = ByteBuffer()
        let outcome: ReadOutcome
        do throws(Errno) {
            outcome = try socket.read(into: &arrived, byteCountMax: Self.readBytesMax)
        } catch {
            throw GateFailure.lost(gate, error)
        }
        guard case .received = outcome else { return outcome }
        do throws(TLSFailure) {
            if try session.receive(arrived.bytes, into: &received, replies: &wire) == .closed { hasEnded = true }
        } catch {
            // The alert that tells the gate why; that it cannot be told changes nothing.
            _ = try? socket.send(wire.bytes)
            throw GateFailure.session(error, gate)
        }
        return hasEnded && received.isEmpty ? .endOfStream : outcome
    }

    private static func left(until deadline: MonotonicInstant) throws(Errno) -> Duration {
        let left = deadline - Clock.monotonic()
        guard left > .zero else { throw .timedOut }
        return left
    }
}
