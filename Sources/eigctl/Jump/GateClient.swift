// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import TLS

/// Asks a gate over its TLS port, one request a connection, and waits.
struct GateClient: Sendable {
    let gate: RemoteGate
    private let context: ClientContext
    /// For the whole exchange.
    private let timeout: Duration

    /// Reads the files that say who calls.
    init(_ gate: RemoteGate, now: WallInstant, timeout: Duration) throws(Failure) {
        self.gate = gate
        self.timeout = timeout
        context = try gate.context(now: now)
    }

    func send(
        _ method: String,
        _ target: String,
        query: [String: String] = [:],
        body: [UInt8] = []
    ) throws(Failure) -> ControlResponse {
        let deadline = Clock.monotonic() + timeout
        var channel = try GateChannel.open(gate.address, context, until: deadline)
        let question = query.isEmpty ? target : "\(target)?\(ControlQuery.render(query))"
        var request = ByteBuffer()
        request.append("\(method) \(question) HTTP/1.1\r\nHost: \(gate.address)\r\nConnection: close\r\n")
        if method != "GET" { request.append("Content-Type: application/json\r\nContent-Length: \(body.count)\r\n") }
        request.append("\r\n" as StaticString)
        request.append(body)
        try channel.send(request.bytes, until: deadline)
        var answer = ControlAnswer()
        return try Self.answer(&answer, on: &channel, until: deadline)
    }

    /// A connection through the gate, and what it came to.
    enum Passage: ~Copyable {
        /// It stands; ``GateChannel/received`` holds what the target said already.
        case open(GateChannel)
        case refused(ControlResponse)
    }

    /// Asks for a connection to a target (RFC 9110 §9.3.6).
    ///
    /// - Parameter authority: the target's name and port.
    func connect(_ authority: String) throws(Failure) -> Passage {
        let deadline = Clock.monotonic() + timeout
        var channel = try GateChannel.open(gate.address, context, until: deadline)
        var request = ByteBuffer()
        request.append("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\r\n")
        try channel.send(request.bytes, until: deadline)
        var answer = ControlAnswer(opensTunnel: true)
        let response = try Self.answer(&answer, on: &channel, until: deadline)
        guard (200..<300).contains(response.status) else { return .refused(response) }
        channel.received.append(answer.rest)
        return .open(channel)
    }

    private static func answer(
        _ answer: inout ControlAnswer,
        on channel: inout GateChannel,
        until deadline: MonotonicInstant
    ) throws(Failure) -> ControlResponse {
        while true {
            guard try channel.fill(until: deadline) else {
                throw GateFailure.cut(channel.gate, "before it answered")
            }
            try channel.flush(until: deadline)
            answer.fill(channel.received.bytes)
            channel.received.removeAll()
            switch answer.advance() {
            case .needsMore: continue
            case .complete(let response): return response
            case .malformed(let why):
                throw Failure(
                    code: "malformed_answer",
                    message: "gate \(channel.gate): not an answer of ours: \(why)",
                    hint: "is this the gate's port?"
                )
            }
        }
    }
}

extension GatePlace {
    /// The gate as a program that answers questions.
    static func program(_ invocation: Invocation) throws(Failure) -> Program {
        switch try of(invocation) {
        case .local: invocation.localGate
        case .remote(let gate): Program(try GateClient(gate, now: invocation.now, timeout: invocation.timeout))
        }
    }
}
