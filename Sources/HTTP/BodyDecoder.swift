// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What one step through a body came to.
package struct BodyStep: Hashable, Sendable {
    /// Bytes of the input that are done with; let go of them once the payload is passed on.
    package let consumed: Int
    /// Where in the input there is payload; may be empty.
    package let payload: Range<Int>
    /// The body has ended; the next byte belongs to the next message.
    package let isComplete: Bool
}

/// Takes one body out of the bytes it was framed in (RFC 9112 §6.3, §7).
///
/// It never looks past the body's end, and never keeps payload.
package struct BodyDecoder: Sendable {
    private enum State {
        case length(remaining: UInt64)
        case chunked(ChunkDecoder)
        case untilClose(remaining: UInt64)
        case complete
        case tooLarge
    }

    private var state: State
    private let side: MessageSide

    /// - Parameter limitBytes: payload past it is refused with 413, an announced length before the first byte.
    /// - Parameter side: of the message the body belongs to; decides what refusals say.
    package init(framing: BodyFraming, limitBytes: UInt64, side: MessageSide = .request) {
        self.side = side
        switch framing {
        case .none, .length(0): state = .complete
        case .length(let lengthBytes): state = lengthBytes > limitBytes ? .tooLarge : .length(remaining: lengthBytes)
        case .chunked: state = .chunked(ChunkDecoder(limitBytes: limitBytes))
        case .untilClose: state = .untilClose(remaining: limitBytes)
        }
    }

    /// All of the body has been taken.
    package var isComplete: Bool {
        if case .complete = state { return true }
        return false
    }

    /// Takes as much as makes one run of payload.
    ///
    /// Call again with what follows `consumed` until the step is complete; a step that consumes nothing
    /// wants more bytes behind the same ones (a trailer line is read whole).
    ///
    /// - Throws: malformed chunks, a body over the limit. Close, and pass nothing on as complete.
    package mutating func next(_ input: Span<UInt8>) throws(Refusal) -> BodyStep {
        switch state {
        case .complete: return BodyStep(consumed: 0, payload: 0..<0, isComplete: true)
        case .tooLarge: throw Refusal(.bodyTooLarge, at: 0, side: side)
        case .length(let remaining):
            let taken = Int(min(remaining, UInt64(input.count)))
            let left = remaining - UInt64(taken)
            state = left == 0 ? .complete : .length(remaining: left)
            return BodyStep(consumed: taken, payload: 0..<taken, isComplete: left == 0)
        case .untilClose(let remaining):
            guard UInt64(input.count) <= remaining else {
                throw Refusal(.bodyTooLarge, at: Int(remaining), side: side)
            }
            state = .untilClose(remaining: remaining - UInt64(input.count))
            return BodyStep(consumed: input.count, payload: 0..<input.count, isComplete: false)
        case .chunked(var chunks):
            do throws(Refusal) {
                let step = try chunks.next(input)
                state = step.isComplete ? .complete : .chunked(chunks)
                return step
            } catch {
                throw side == .request ? error : error.inResponse
            }
        }
    }

    /// The peer has closed its side: the end of a body framed so, and of no other.
    ///
    /// - Throws: ``RefusalReason/bodyTruncated``; what has come is not the message.
    package mutating func endOfInput() throws(Refusal) {
        switch state {
        case .complete: break
        case .untilClose: state = .complete
        case .length, .chunked, .tooLarge: throw Refusal(.bodyTruncated, at: 0, side: side)
        }
    }
}
