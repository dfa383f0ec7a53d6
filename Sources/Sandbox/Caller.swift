// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO
internal import TLS

/// Makes calls: one connection each, used once.
package enum Caller {
    private static let bodyBytesMax: UInt64 = 8 << 20

    /// Makes the call and writes down how it went; `fill` adds what it is about.
    @discardableResult
    package static func send(
        _ call: Call,
        log: EventLog,
        _ fill: (inout Event) -> Void = { _ in }
    ) -> Result<Answer, CallFailure> {
        let startedAt = Clock.monotonic()
        let outcome = Result { () throws(CallFailure) in try send(call) }
        log.write(.call) { event in
            event.method = call.method
            event.path = call.location.target
            event.peer = call.location.authority
            event.milliseconds = Int((Clock.monotonic() - startedAt).milliseconds)
            switch outcome {
            case .success(let answer):
                event.status = answer.status
                event.body = String(decoding: answer.body.prefix(4096), as: UTF8.self)
            case .failure(let failure): event.detail = failure.description
            }
            fill(&event)
        }
        return outcome
    }

    package static func send(_ call: Call) throws(CallFailure) -> Answer {
        guard let method = Method(name: call.method) else { throw .setup("no such method: \(call.method)") }
        let deadline = Clock.monotonic() + call.timeout
        let context = call.location.isTLS ? try call.identity.clientContext() : nil
        let socket = try connect(call, deadline)
        var channel = try Channel.open(socket, context, serverName: call.location.host, deadline: deadline)
        let request = try request(call, method)
        var cut: CallFailure?
        do throws(CallFailure) {
            try channel.send(request.bytes)
        } catch {
            // A server that refuses early answers before it has read everything: hear it out.
            guard case .cut = error else { throw error }
            cut = error
        }
        do throws(CallFailure) {
            return try answer(to: method, on: &channel)
        } catch {
            throw cut ?? error
        }
    }

    private static func connect(_ call: Call, _ deadline: MonotonicInstant) throws(CallFailure) -> OwnedDescriptor {
        if let path = call.socketPath {
            do {
                return try UnixSockets.connect(path)
            } catch {
                throw .connect("\(path): \(error)")
            }
        }
        let endpoint = if let endpoint = call.endpoint { endpoint } else { try resolve(call.location) }
        let socket: OwnedDescriptor
        do {
            socket = try Sockets.connect(endpoint)
        } catch {
            throw .connect("\(endpoint): \(error)")
        }
        let now = Clock.monotonic()
        do {
            try socket.wait(for: .writable, timeout: now < deadline ? deadline - now : .zero)
        } catch {
            guard error == .timedOut else { throw .connect("\(endpoint): \(error)") }
            throw .timedOut(waitingFor: "\(endpoint) to accept")
        }
        if let error = Sockets.connectError(socket) { throw .connect("\(endpoint): \(error)") }
        Sockets.tune(socket)
        return socket
    }

    private static func resolve(_ location: Location) throws(CallFailure) -> IPEndpoint {
        if let address = IPAddress(location.host) { return IPEndpoint(address: address, port: location.port) }
        let addresses: [IPAddress]
        do {
            addresses = try Resolver.addresses(of: location.host)
        } catch {
            throw .setup(error.description)
        }
        guard let address = addresses.first else { throw .setup("\(location.host) has no address") }
        return IPEndpoint(address: address, port: location.port)
    }

    private static func request(_ call: Call, _ method: Method) throws(CallFailure) -> ByteBuffer {
        let target = Array(call.location.target.utf8)
        guard call.isVerbatim || HeadWriter.isTarget(target.span) else {
            throw .setup("not a request target: \(call.location.target)")
        }
        var output = ByteBuffer()
        HeadWriter.requestLine(method, target: target.span, into: &output)
        HeadWriter.field("Host", call.location.authority, into: &output)
        for field in call.fields {
            guard HeadWriter.field(field.name, field.value, into: &output) else {
                throw .setup("not a header field: \(field.name)")
            }
        }
        if !call.isVerbatim {
            HeadWriter.field("Connection", "close" as StaticString, into: &output)
            if !method.isSafe || !call.body.isEmpty {
                HeadWriter.framing(.length(UInt64(call.body.count)), into: &output)
            }
        }
        HeadWriter.end(into: &output)
        output.append(call.body)
        return output
    }

    private static func answer(to method: Method, on channel: inout Channel) throws(CallFailure) -> Answer {
        do throws(MessageFailure) {
            let (answer, framing) = try channel.answer(to: method)
            var whole = answer
            whole.body = try channel.body(framing, limitBytes: bodyBytesMax, side: .response)
            channel.finish()
            return whole
        } catch {
            switch error {
            case .channel(let failure): throw failure
            case .malformed(let refusal): throw .malformed(refusal.reason.rawValue)
            }
        }
    }
}
