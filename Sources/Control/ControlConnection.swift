// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// One caller of a control socket, from accept to the last byte of its answer.
final class ControlConnection {
    enum ReadStep {
        case waits
        case asks(ControlRequest)
    }

    private enum State {
        case reading
        case writing
        case done
    }

    let descriptor: OwnedDescriptor
    private(set) var deadline: MonotonicInstant
    /// Nothing when the caller is not one to obey.
    private let peer: PeerCredentials?
    private var state = State.reading
    private var exchange: ControlExchange
    private var output = ByteBuffer()

    init(
        _ descriptor: consuming OwnedDescriptor,
        peer: PeerCredentials?,
        limits: ControlLimits,
        deadline: MonotonicInstant
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.deadline = deadline
        exchange = ControlExchange(bodyBytesMax: limits.bodyBytesMax)
    }

    var isDone: Bool { state == .done }

    /// Reads what there is; a request comes out once at most.
    func read() -> ReadStep {
        while state == .reading {
            do {
                switch try exchange.fill(from: descriptor) {
                case .received: break
                case .wouldBlock: return .waits
                case .endOfStream:
                    state = .done
                    return .waits
                }
            } catch {
                state = .done
                return .waits
            }
            switch exchange.advance(isAllowed: peer != nil) {
            case .needsMore: continue
            case .invitesBody: output.append("HTTP/1.1 100 Continue\r\n\r\n" as StaticString)
            case .refused(let response): reply(response, deadline: deadline)
            case .complete(let method, let path, let query, let body):
                guard let peer else { return .waits }
                return .asks(ControlRequest(method: method, path: path, query: query, body: body, peer: peer))
            }
            write()
        }
        return .waits
    }

    func reply(_ response: ControlResponse, deadline: MonotonicInstant) {
        guard state == .reading else { return }
        state = .writing
        self.deadline = deadline
        response.write(into: &output)
    }

    /// Writes what the socket takes; ends the connection after the answer's last byte.
    func write() {
        do {
            while !output.isEmpty {
                guard case .sent(let byteCount) = try descriptor.send(output.bytes) else { return }
                output.consume(byteCount)
            }
        } catch {
            state = .done
            return
        }
        if state == .writing {
            descriptor.shutdownWrites()
            state = .done
        }
    }

    /// The caller's time is up: one still asking is told, one not reading is left.
    func expire(deadline: MonotonicInstant) {
        if state == .writing {
            state = .done
        } else {
            let answer = ControlResponse.failure(408, code: "too_slow", message: "the request did not come in time")
            reply(answer, deadline: deadline)
        }
    }
}
