// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Synchronization
import TestKit
import Testing
import eigctl

/// What one command line came to.
struct Ran: Sendable {
    let status: ExitCode
    let output: String
    let error: String
    /// Entries for the journal, as they are sent.
    let journal: [String]

    func document<Document: ControlDocument>(_: Document.Type) throws -> Document {
        try Document(json: Array(output.utf8))
    }
}

/// A place to run eigctl in: a folder, two fake programs' sockets, a typist.
final class Bench: Sendable {
    private struct State {
        var output = ""
        var error = ""
        var secrets: [String] = []
        var lines: [String] = []
        var journal: [String] = []
        var environment: [String: String] = [:]
        var streams: [Bench.Streams] = []
    }

    /// What a verb takes for standard input and output, once.
    final class Streams: Sendable {
        private let input: OwnedDescriptor
        private let output: OwnedDescriptor

        init(input: consuming OwnedDescriptor, output: consuming OwnedDescriptor) {
            self.input = input
            self.output = output
        }

        func taken() throws(Errno) -> StreamPair {
            let input = try input.duplicate()
            return StreamPair(input: input, output: try output.duplicate())
        }
    }

    private let folder: TemporaryFolder
    private let state = Mutex(State())

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path }

    /// A variable that verbs see from now on.
    func set(_ name: String, to value: String) { state.withLock { $0.environment[name] = value } }

    /// What the next verb that asks for them gets as standard input and output.
    func give(_ streams: Streams) { state.withLock { $0.streams = [streams] } }

    /// Lets go of what no verb asked for.
    func takeBack() { state.withLock { $0.streams = [] } }

    func write(_ text: String, to name: String, mode: UInt32 = 0o640) throws {
        for (index, byte) in name.utf8.enumerated() where byte == UInt8(ascii: "/") {
            try? FileStore.makeFolder("\(path)/\(name.prefix(index))", mode: 0o700)
        }
        try FileStore.replace("\(path)/\(name)", with: Array(text.utf8).span, mode: mode)
    }

    /// A folder with one partner and the files it names: nothing in it is wrong.
    func writeGoodFolder() throws {
        try write(Self.partner, to: "etc/partners.d/payfast.toml")
        try write(Self.certificate, to: "etc/ca/payfast-ca.pem")
    }

    static let partner = """
        id     = "payfast"
        name   = "PayFast India"
        roles  = ["send"]
        owner  = "partner-ops@example.net"
        ticket = "NET-4711"

        [[allow]]
        from   = ["203.0.113.10"]
        reason = "production egress"

        [[certificate]]
        ca  = "payfast-ca.pem"
        san = "edge.payfast.example"

        """

    /// A program answering `name`'s requests; keep it as long as it should live.
    func program(_ name: String, _ answer: @escaping ControlServer.Answer) throws -> ControlServer {
        try ControlServer(path: "\(path)/\(name).sock", answer: answer)
    }

    /// Runs eigctl with this bench's folder and sockets.
    ///
    /// - Parameter secrets: what the typist answers, one by one; from a pipe when there is one only.
    func run(
        _ arguments: String...,
        secrets: [String] = [],
        usesColour: Bool = false,
        typing: [String]? = nil,
        ssh: String? = nil
    ) -> Ran {
        let common = [
            "--control-eigd=\(path)/eigd.sock", "--control-enforce=\(path)/enforce.sock",
            "--control-tunnels=\(path)/tunnels.sock", "--control-jump=\(path)/jump.sock",
            "--control-audit=\(path)/audit.sock", "--timeout=10s",
        ]
        let folder = arguments.contains { $0.hasPrefix("--config") } ? [] : ["--config=\(path)/etc"]
        return run(
            common + folder + arguments,
            secrets: secrets,
            usesColour: usesColour,
            typing: typing,
            ssh: ssh
        )
    }

    /// - Parameters:
    ///   - now: the first of 2027, unless the clock is what matters.
    ///   - typing: the lines somebody types; nothing where nobody sits at a terminal.
    ///   - ssh: the login's `SSH_CONNECTION`.
    func run(
        _ arguments: [String],
        secrets: [String] = [],
        usesColour: Bool = false,
        now: WallInstant = WallInstant(seconds: 1_798_761_600),
        typing: [String]? = nil,
        ssh: String? = nil
    ) -> Ran {
        state.withLock { state in
            state = State(
                secrets: secrets,
                lines: typing ?? [],
                environment: state.environment,
                streams: state.streams
            )
        }
        let console = Console(
            usesColour: usesColour,
            usesColourInErrors: usesColour,
            isInteractive: secrets.count > 1 || typing != nil,
            output: { [self] text in state.withLock { $0.output += text } },
            error: { [self] text in state.withLock { $0.error += text } },
            readSecret: { [self] _ throws(Failure) in
                let secret = state.withLock { $0.secrets.isEmpty ? nil : $0.secrets.removeFirst() }
                guard let secret else { throw Failure(code: "no_password", message: "nobody types") }
                return Array(secret.utf8)
            },
            readLine: { [self] prompt in
                state.withLock { state in
                    state.error += prompt
                    return state.lines.isEmpty ? nil : state.lines.removeFirst()
                }
            },
            environment: { [self] name in state.withLock { $0.environment[name] } },
            takeStreams: { [self] () throws(Failure) in
                // Let go of here, so that the ends are the verb's alone.
                guard let streams = state.withLock({ $0.streams.popLast() }), let pair = try? streams.taken() else {
                    throw Failure(code: "no_streams", message: "nobody gave any")
                }
                return pair
            },
            sshConnection: { ssh },
            journal: { [self] entry throws(Failure) in
                state.withLock { $0.journal.append(String(decoding: entry, as: UTF8.self)) }
            },
            repeatedly: { [self] every, frame in
                for elapsed in [Duration.zero, every] {
                    guard let text = frame(elapsed) else { return }
                    state.withLock { $0.output += text }
                }
            }
        )
        let status = Eigctl.run(arguments, console: console, now: now)
        return state.withLock { Ran(status: status, output: $0.output, error: $0.error, journal: $0.journal) }
    }
}

/// Keeps the requests a fake program got, in order, as `METHOD PATH?QUERY`.
final class Asked: Sendable {
    private let list = Mutex<[String]>([])

    func note(_ request: ControlRequest) {
        let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        list.withLock { $0.append("\(request.method) \(request.path)\(query.isEmpty ? "" : "?\(query)")") }
    }

    var all: [String] { list.withLock { $0 } }
}
