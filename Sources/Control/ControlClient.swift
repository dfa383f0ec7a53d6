// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO

/// Asks a control socket, one request a connection, and waits.
package struct ControlClient: Sendable {
    /// More than the longest list of callbacks with their bodies.
    package static let responseBytesMax = 64 << 20

    package let path: String
    /// For the whole exchange.
    package let timeout: Duration

    package init(path: String, timeout: Duration = .seconds(30)) {
        self.path = path
        self.timeout = timeout
    }

    package func send(
        _ method: String,
        _ target: String,
        query: [String: String] = [:],
        body: [UInt8] = []
    ) throws(ControlClientError) -> ControlResponse {
        let deadline = Clock.monotonic() + timeout
        let received: Result<ControlResponse, ControlClientError>
        do throws(Errno) {
            let socket = try connect(until: deadline)
            let question = query.isEmpty ? target : "\(target)?\(ControlQuery.render(query))"
            var output = ByteBuffer()
            output.append("\(method) \(question) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")
            output.append("User-Agent: \(Self.agent)\r\n")
            if method != "GET" { output.append("Content-Type: application/json\r\nContent-Length: \(body.count)\r\n") }
            output.append("\r\n" as StaticString)
            output.append(body)
            try send(&output, to: socket, until: deadline)
            received = try receive(from: socket, until: deadline)
        } catch {
            throw ControlClientError(error, path: path, timeout: timeout)
        }
        return try received.get()
    }

    private static let agentPrefix = "eig login/"

    /// Says who logged in before becoming root, or somebody else: for the audit log, and for what nobody decides alone.
    private static var agent: String { LoggedInUser.own.map { "\(agentPrefix)\($0.userID)" } ?? "eig" }

    /// What an agent's text says of that.
    static func login(in agent: String) -> UInt32? {
        agent.hasPrefix(agentPrefix) ? UInt32(agent.dropFirst(agentPrefix.utf8.count)) : nil
    }

    private func connect(until deadline: MonotonicInstant) throws(Errno) -> OwnedDescriptor {
        while true {
            do throws(Errno) {
                return try UnixSockets.connect(path)
            } catch {
                guard error == .wouldBlock else { throw error }
                guard Clock.monotonic() < deadline else { throw .timedOut }
                Clock.sleep(.milliseconds(10))
            }
        }
    }

    /// A program that answers early and closes (a body too large) makes writing fail; its answer still counts.
    private func send(
        _ output: inout ByteBuffer,
        to socket: borrowing OwnedDescriptor,
        until deadline: MonotonicInstant
    ) throws(Errno) {
        while !output.isEmpty {
            do throws(Errno) {
                switch try socket.send(output.bytes) {
                case .sent(let byteCount): output.consume(byteCount)
                case .wouldBlock: try socket.wait(for: .writable, timeout: left(until: deadline))
                }
            } catch {
                guard error == .brokenPipe else { throw error }
                return
            }
        }
    }

    private func left(until deadline: MonotonicInstant) throws(Errno) -> Duration {
        let left = deadline - Clock.monotonic()
        guard left > .zero else { throw .timedOut }
        return left
    }

    private func receive(
        from socket: borrowing OwnedDescriptor,
        until deadline: MonotonicInstant
    ) throws(Errno) -> Result<ControlResponse, ControlClientError> {
        var answer = ControlAnswer()
        while true {
            switch try answer.fill(from: socket) {
            case .received: break
            case .wouldBlock:
                try socket.wait(for: .readable, timeout: left(until: deadline))
                continue
            case .endOfStream: return .failure(.lost(path: path, why: "closed without a whole answer"))
            }
            switch answer.advance() {
            case .needsMore: continue
            case .complete(let response): return .success(response)
            case .malformed(let why): return .failure(.malformed(path: path, why: why))
            }
        }
    }
}
