// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Synchronization

/// A server on a thread of its own that answers each request as it is told, and keeps what it was sent.
final class FakeBackend: Sendable {
    struct Request: Sendable {
        let head: String
        let body: [UInt8]
    }

    enum Reply: Sendable {
        /// Bytes as they are; the connection lives on.
        case send(String)
        case sendAndClose(String)
        /// Close without a byte.
        case close
    }

    let endpoint: IPEndpoint
    private let listener: OwnedDescriptor
    private let seen = Mutex<[Request]>([])
    private let connections = Atomic<Int>(0)

    init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        listener = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
        guard let local = Sockets.localEndpoint(listener) else { throw Errno.noEntry }
        endpoint = local
        let copy = Cell(try listener.duplicate())
        _ = try OwnedThread(name: "backend") { [weak self] in
            while true {
                try? copy.descriptor.wait(for: .readable, timeout: .milliseconds(200))
                guard let backend = self else { return }
                guard let accepted = try? Sockets.accept(copy.descriptor) else { continue }
                backend.connections.add(1, ordering: .relaxed)
                let socket = Cell(accepted.takeDescriptor())
                _ = try? OwnedThread(name: "backend-client") { backend.serve(socket.descriptor, answer) }
            }
        }
    }

    private final class Cell: Sendable {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    var requests: [Request] { seen.withLock { $0 } }
    var connectionCount: Int { connections.load(ordering: .relaxed) }

    private func serve(_ socket: borrowing OwnedDescriptor, _ answer: (Request) -> Reply) {
        var buffer = ByteBuffer()
        while let request = try? Self.request(from: socket, &buffer) {
            seen.withLock { $0.append(request) }
            do {
                switch answer(request) {
                case .send(let text): try socket.writeAll(Array(text.utf8).span)
                case .sendAndClose(let text):
                    try socket.writeAll(Array(text.utf8).span)
                    return
                case .close: return
                }
            } catch {
                return
            }
        }
    }

    /// The next request with a body by Content-Length; nothing when there is none.
    private static func request(from socket: borrowing OwnedDescriptor, _ buffer: inout ByteBuffer) throws -> Request? {
        while true {
            if let (head, rest) = buffer.array.headAndRest {
                let count = head.fieldValue("content-length").flatMap { Int($0) } ?? 0
                if rest.count >= count {
                    buffer.consume(buffer.count - rest.count + count)
                    return Request(head: head, body: Array(rest.prefix(count)))
                }
            }
            switch try socket.read(into: &buffer, byteCountMax: 64 << 10) {
            case .received: break
            case .wouldBlock: try socket.wait(for: .readable, timeout: .seconds(10))
            case .endOfStream: return nil
            }
        }
    }
}
