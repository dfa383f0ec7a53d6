// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Synchronization
import TLS
import TestKit

/// A gate for one test: TLS with a client certificate, the API by a closure, and targets that answer as they are told.
final class FakeGate: Sendable {
    /// What a CONNECT comes to.
    enum Target: Sendable {
        case refused(ControlResponse)
        /// Says back what it hears, until it has heard the end.
        case echo
        /// Says this, ends its own direction, and hears the other to its end.
        case says([UInt8])
        /// Says this and tears the connection down.
        case cut(after: [UInt8])
    }

    typealias Answer = @Sendable (_ method: String, _ path: String, _ body: [UInt8]) -> ControlResponse

    private struct State {
        var asked: [String] = []
        var heard: [UInt8] = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: OwnedDescriptor
    private let context: ServerContext
    private let target: Target
    private let answer: Answer
    private let state = Mutex(State())

    init(
        _ people: FakePeople,
        requiresCertificate: Bool = true,
        target: Target = .echo,
        answer: @escaping Answer = { _, _, _ in .failure(404, code: "no_such_path", message: "nothing here") }
    ) throws {
        var settings = ServerTLSSettings(
            certificateChainPEM: people.gate.chainPEM,
            keyPEM: people.gate.keyPEM,
            requiresClientCertificate: requiresCertificate
        )
        settings.clientAnchorsPEM = [people.admins.certificatePEM]
        context = try ServerContext(settings)
        listener = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
        port = Sockets.localEndpoint(listener)?.port ?? 0
        self.target = target
        self.answer = answer
    }

    /// What was asked for, in order: `GET /v1/targets`, `CONNECT eig-01:22`, with the body behind it.
    var asked: [String] { state.withLock { $0.asked } }
    /// What targets heard.
    var heard: [UInt8] { state.withLock { $0.heard } }

    func start() throws {
        let gate = self
        _ = try OwnedThread(name: "fake-gate") { @Sendable in gate.run() }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private func run() {
        while !state.withLock({ $0.isStopped }) {
            do {
                try listener.wait(for: .readable, timeout: .milliseconds(50))
                guard let accepted = try Sockets.accept(listener) else { continue }
                let connection = Connection(accepted.takeDescriptor(), context)
                let gate = self
                _ = try OwnedThread(name: "fake-target") { @Sendable in gate.serve(connection) }
            } catch {
                continue
            }
        }
    }

    /// One connection, handed to a thread.
    private final class Connection: Sendable {
        let socket: OwnedDescriptor
        let context: ServerContext

        init(_ socket: consuming OwnedDescriptor, _ context: ServerContext) {
            self.socket = socket
            self.context = context
        }
    }

    private func serve(_ connection: Connection) {
        var channel = ServedChannel(context: connection.context)
        while true {
            guard channel.fill(connection.socket) else { return }
            let text = String(decoding: channel.heard, as: UTF8.self)
            guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound]
            let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
            let headBytes = text[..<end.upperBound].utf8.count
            guard channel.heard.count >= headBytes + length else { continue }
            let body = Array(channel.heard[headBytes..<headBytes + length])
            channel.heard.removeFirst(headBytes + length)
            let words = head.split(separator: "\r\n")[0].split(separator: " ").map(String.init)
            let said = String(decoding: body, as: UTF8.self)
            state.withLock { $0.asked.append("\(words[0]) \(words[1])\(said.isEmpty ? "" : " \(said)")") }
            guard words[0] == "CONNECT" else {
                channel.answer(answer(words[0], words[1], body), connection.socket)
                return
            }
            play(&channel, connection.socket)
            return
        }
    }

    private func play(_ channel: inout ServedChannel, _ socket: borrowing OwnedDescriptor) {
        let welcome = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        switch target {
        case .refused(let response): channel.answer(response, socket)
        case .echo:
            channel.say(welcome, socket)
            repeat {
                channel.say(channel.heard, socket)
                channel.heard = []
            } while channel.fill(socket)
            channel.say(channel.heard, socket)
            channel.end(socket)
        case .says(let bytes):
            channel.say(welcome + bytes, socket)
            channel.end(socket)
            while channel.fill(socket) {}
            let heard = channel.heard
            state.withLock { $0.heard += heard }
        case .cut(let bytes): channel.say(welcome + bytes, socket)
        }
    }
}

/// The gate's side of one TLS connection, on a thread that waits.
private struct ServedChannel: ~Copyable {
    var heard: [UInt8] = []
    private var session: Session
    private var hasEnded = false

    init(context: ServerContext) { session = Session(server: context) }

    /// - Returns: false at the end, whichever way it came.
    mutating func fill(_ socket: borrowing OwnedDescriptor) -> Bool {
        guard !hasEnded else { return false }
        var arrived = ByteBuffer()
        var plain = ByteBuffer()
        var replies = ByteBuffer()
        do {
            while true {
                switch try socket.read(into: &arrived, byteCountMax: 64 << 10) {
                case .endOfStream: return false
                case .wouldBlock: try socket.wait(for: .readable, timeout: .seconds(30))
                case .received:
                    let progress = try? session.receive(arrived.bytes, into: &plain, replies: &replies)
                    send(&replies, socket)
                    heard += plain.array
                    hasEnded = progress == .closed
                    return progress != nil && (progress != .closed || plain.count > 0)
                }
            }
        } catch {
            return false
        }
    }

    mutating func say(_ bytes: [UInt8], _ socket: borrowing OwnedDescriptor) {
        var wire = ByteBuffer()
        try? session.send(bytes.span, into: &wire)
        send(&wire, socket)
    }

    mutating func end(_ socket: borrowing OwnedDescriptor) {
        var wire = ByteBuffer()
        session.close(into: &wire)
        send(&wire, socket)
    }

    mutating func answer(_ response: ControlResponse, _ socket: borrowing OwnedDescriptor) {
        let head =
            "HTTP/1.1 \(response.status) Status\r\nContent-Type: \(response.contentType)\r\n"
            + "Content-Length: \(response.body.count)\r\n\r\n"
        say(Array(head.utf8) + response.body, socket)
        end(socket)
    }

    private func send(_ wire: inout ByteBuffer, _ socket: borrowing OwnedDescriptor) {
        while !wire.isEmpty {
            switch try? socket.send(wire.bytes) {
            case .sent(let count): wire.consume(count)
            case .wouldBlock: try? socket.wait(for: .writable, timeout: .seconds(30))
            case nil: return
            }
        }
    }
}

/// The certificates of a test: the gate's, an administrator's, and their authorities.
struct FakePeople: Sendable {
    let gates = Minted.make(.authority("Gates"))
    let admins = Minted.make(.authority("Administrators"))
    let gate: Minted
    let anna: Minted

    init(_ change: (_ gate: inout Recipe, _ anna: inout Recipe) -> Void = { _, _ in }) {
        var gateRecipe = Recipe.leaf("localhost", purposes: "serverAuth").with {
            $0.alternativeNames = "DNS:localhost,IP:127.0.0.1"
        }
        var annaRecipe = Recipe.leaf("anna.example", purposes: "clientAuth")
        change(&gateRecipe, &annaRecipe)
        gate = Minted.make(gateRecipe, by: gates)
        anna = Minted.make(annaRecipe, by: admins)
    }
}
