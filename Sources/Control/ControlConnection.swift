// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// One connection of a control socket or of a page server, from accept to the last byte of its answer.
final class ControlConnection {
    enum ReadStep {
        case waits
        case asks(ControlQuestion)
    }

    private enum State {
        case reading
        case writing
        case done
    }

    let descriptor: OwnedDescriptor
    private(set) var deadline: MonotonicInstant
    let caller: ControlCaller
    private var state = State.reading
    private var exchange: ControlExchange
    private var output = ByteBuffer()

    init(
        _ arrival: consuming ControlArrival,
        limits: ControlLimits,
        deadline: MonotonicInstant
    ) {
        caller = arrival.caller
        descriptor = arrival.takeDescriptor()
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
            switch exchange.advance(refusal: caller.refusal) {
            case .needsMore: continue
            case .invitesBody: output.append("HTTP/1.1 100 Continue\r\n\r\n" as StaticString)
            case .refused(let response): reply(response, deadline: deadline)
            case .complete(let question): return .asks(question)
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
