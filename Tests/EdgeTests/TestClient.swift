// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import TLS
import TestKit

/// A blocking client for one connection, with or without TLS.
final class TestClient {
    /// Nothing came for as long as a test waits.
    struct Silence: Error {}

    private let socket: OwnedDescriptor
    private var session: Session?
    private var wire = ByteBuffer()
    private var received = ByteBuffer()
    private var hasEnded = false

    init(_ endpoint: IPEndpoint) throws {
        socket = try Sockets.connect(endpoint)
        session = nil
        try socket.wait(for: .writable, timeout: .seconds(10))
        if let error = Sockets.connectError(socket) { throw error }
    }

    /// Shakes hands as the partner with this identity.
    convenience init(_ endpoint: IPEndpoint, as identity: Minted?, serverName: String = "edge.example") throws {
        try self.init(endpoint)
        try shake(Self.context(identity), serverName: serverName)
    }

    /// Who calls; connections of one context can go on from each other's sessions.
    static func context(_ identity: Minted?) throws -> ClientContext {
        var settings = ClientTLSSettings(anchorsPEM: [Authorities.edge.certificatePEM])
        if let identity {
            settings.identity = TLSIdentity(certificateChainPEM: identity.chainPEM, keyPEM: identity.keyPEM)
        }
        return try ClientContext(settings)
    }

    /// Shakes hands on a connection that has been open for a while.
    func shake(
        _ context: ClientContext,
        serverName: String = "edge.example",
        resuming saved: SavedSession? = nil
    ) throws {
        session = Session(client: context, serverName: serverName, resuming: saved)
        try session?.start(replies: &wire)
        try push()
        while session?.isEstablished == false { try receive() }
    }

    var isResumed: Bool {
        switch session {
        case .some(let session): session.isResumed
        case .none: false
        }
    }

    /// What the next connection can go on from.
    var saved: SavedSession? {
        switch session {
        case .some(let session): session.savedSession()
        case .none: nil
        }
    }

    private func push() throws {
        var bytes = ByteBuffer()
        swap(&bytes, &wire)
        try socket.writeAll(bytes.bytes)
    }

    /// Reads once, waiting as long as a test may.
    private func receive() throws {
        var bytes = ByteBuffer()
        while true {
            switch try socket.read(into: &bytes, byteCountMax: 64 << 10) {
            case .wouldBlock: try socket.wait(for: .readable, timeout: .seconds(10))
            case .endOfStream:
                hasEnded = true
                return
            case .received:
                guard session != nil else { return received.append(bytes.bytes) }
                let progress = try session?.receive(bytes.bytes, into: &received, replies: &wire)
                if progress == .closed { hasEnded = true }
                return try push()
            }
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        if session == nil { return try socket.writeAll(bytes.span) }
        try session?.send(bytes.span, into: &wire)
        try push()
    }

    /// Says that no more will be sent; answers are still read.
    func endSending() throws {
        session?.close(into: &wire)
        try push()
        socket.shutdownWrites()
    }

    /// One answer: its head, and its body by Content-Length or chunks.
    func answer(toHead: Bool = false) throws -> (head: String, body: [UInt8]) {
        var parts = received.array.headAndRest
        while parts == nil {
            if hasEnded { throw Silence() }
            try receive()
            parts = received.array.headAndRest
        }
        guard let (head, rest) = parts else { throw Silence() }
        received.consume(received.count - rest.count)
        if toHead { return (head, []) }
        if head.lowercased().contains("\r\ntransfer-encoding: chunked\r\n") { return (head, try chunks()) }
        let count = head.fieldValue("content-length").flatMap { Int($0) } ?? 0
        try receive(atLeast: count)
        let body = Array(received.array.prefix(count))
        received.consume(count)
        return (head, body)
    }

    private func receive(atLeast count: Int) throws {
        while received.count < count {
            if hasEnded { throw Silence() }
            try receive()
        }
    }

    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            var line: [UInt8] = []
            while line.suffix(2) != [13, 10] {
                try receive(atLeast: 1)
                line.append(received.bytes[0])
                received.consume(1)
            }
            guard let count = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else { throw Silence() }
            try receive(atLeast: count + 2)
            body += received.array.prefix(count)
            received.consume(count + 2)
            if count == 0 { return body }
        }
    }

    /// Everything up to the end of the connection.
    func rest() throws -> [UInt8] {
        while !hasEnded { try receive() }
        return received.array
    }
}

extension [UInt8] {
    /// What lies before and behind the first empty line; the head keeps its last line end.
    var headAndRest: (head: String, rest: [UInt8])? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard count >= 4, let place = (0...count - 4).first(where: { Array(self[$0..<$0 + 4]) == end }) else {
            return nil
        }
        return (String(decoding: self[..<(place + 2)], as: UTF8.self), Array(self[(place + 4)...]))
    }
}

extension String {
    /// Of a head, the value of its first field of this name, given in lower case.
    func fieldValue(_ name: String) -> String? {
        for line in split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return nil
    }
}
