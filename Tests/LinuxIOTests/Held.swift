// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO

/// A descriptor that tests can pass around, and let go of.
final class Held: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// A listening socket on the loopback, at any free port.
    static func listener(_ address: IPAddress = .v4(0x7f00_0001)) throws(Errno) -> Held {
        Held(try Sockets.listen(IPEndpoint(address: address, port: 0)))
    }

    static func connected(to endpoint: IPEndpoint) throws(Errno) -> Held {
        let held = Held(try Sockets.connect(endpoint))
        try held.descriptor.wait(for: .writable, timeout: .seconds(10))
        return held
    }

    /// Both ends of one TCP connection.
    static func pair() throws(Errno) -> (near: Held, far: Held) {
        let listener = try listener()
        let near = try connected(to: try listener.endpoint)
        try listener.descriptor.wait(for: .readable, timeout: .seconds(10))
        guard let (far, _) = try listener.accept() else { throw .timedOut }
        return (near, far)
    }

    var endpoint: IPEndpoint {
        get throws(Errno) {
            guard let endpoint = Sockets.localEndpoint(descriptor) else { throw .noEntry }
            return endpoint
        }
    }

    var isListening: Bool { Sockets.isListening(descriptor) }
    var connectError: Errno? { Sockets.connectError(descriptor) }

    func accept() throws(Errno) -> (Held, peer: IPEndpoint)? {
        guard let accepted = try Sockets.accept(descriptor) else { return nil }
        let peer = accepted.peer
        return (Held(accepted.takeDescriptor()), peer)
    }

    func send(_ bytes: [UInt8]) throws(Errno) -> WriteOutcome { try descriptor.send(bytes.span) }

    func write(_ bytes: [UInt8]) throws(Errno) -> WriteOutcome { try descriptor.write(bytes.span) }

    func read(_ byteCountMax: Int) throws(Errno) -> (ReadOutcome, bytes: [UInt8]) {
        var buffer = ByteBuffer()
        let outcome = try descriptor.read(into: &buffer, byteCountMax: byteCountMax)
        return (outcome, buffer.array)
    }

    /// Everything up to the end of the stream.
    func readAll() throws(Errno) -> [UInt8] {
        var buffer = ByteBuffer()
        while true {
            switch try descriptor.read(into: &buffer, byteCountMax: 64 << 10) {
            case .received: break
            case .wouldBlock: try descriptor.wait(for: .readable, timeout: .seconds(10))
            case .endOfStream: return buffer.array
            }
        }
    }

    func wait(for readiness: OwnedDescriptor.Readiness, timeout: Duration) throws(Errno) {
        try descriptor.wait(for: readiness, timeout: timeout)
    }
}

/// Both ends of a pipe.
struct HeldPipe {
    let reader: Held
    var writer: Held?

    init() throws(Errno) {
        let pipe = try Pipe()
        writer = Held(try pipe.writer.duplicate())
        reader = Held(pipe.keepReader())
    }
}
