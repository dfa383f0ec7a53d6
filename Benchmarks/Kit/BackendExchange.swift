// SPDX-License-Identifier: Apache-2.0
package import Base
internal import HTTP

/// The backend's side of one connection: requests in, answers out.
///
/// Every request is answered after its whole body with 200, its `X-Token`, and as many bytes as its
/// `X-Answer-Bytes` asks for.
package struct BackendExchange: ~Copyable {
    private enum State {
        case head
        case length(remaining: Int)
        case chunked(BodyDecoder)
    }

    package static let answerBytesDefault = 40
    private static let answerBytesMax = 64 << 20

    private var state = State.head
    private var head = HeadScan()
    private var token = ByteBuffer()

    package init() {}

    /// Takes what came and appends the answers to whatever that completed.
    ///
    /// - Parameter filler: at least one byte to make bodies of.
    /// - Returns: how many of the bytes are done with, the others come again in front of the next ones; nothing
    ///   when the peer speaks something else than HTTP/1.1.
    package mutating func take(_ bytes: Span<UInt8>, filler: Span<UInt8>, answers: inout ByteBuffer) -> Int? {
        var offset = 0
        while true {
            switch state {
            case .head:
                guard offset < bytes.count else { return offset }
                let rest = bytes.extracting(offset...)
                switch head.scan(rest) {
                case .incomplete: return offset
                case .malformed: return nil
                case .complete: break
                }
                token.removeAll()
                token.append(rest.extracting(head.token))
                offset += head.byteCount
                if head.isChunked {
                    state = .chunked(BodyDecoder(framing: .chunked, limitBytes: .max))
                } else {
                    state = .length(remaining: head.contentLength ?? 0)
                }
            case .length(let remaining):
                let taken = min(remaining, bytes.count - offset)
                offset += taken
                guard taken == remaining else {
                    state = .length(remaining: remaining - taken)
                    return offset
                }
                answer(filler, &answers)
            case .chunked(var decoder):
                do throws(Refusal) {
                    let step = try decoder.next(bytes.extracting(offset...))
                    offset += step.consumed
                    if step.isComplete {
                        answer(filler, &answers)
                    } else {
                        state = .chunked(decoder)
                        if step.consumed == 0 || offset == bytes.count { return offset }
                    }
                } catch { return nil }
            }
        }
    }

    private mutating func answer(_ filler: Span<UInt8>, _ answers: inout ByteBuffer) {
        state = .head
        var remaining = min(head.answerBytes ?? Self.answerBytesDefault, Self.answerBytesMax)
        answers.append("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
        answers.append(decimal: remaining)
        if !token.isEmpty {
            answers.append("\r\nX-Token: ")
            answers.append(token.bytes)
        }
        answers.append("\r\n\r\n")
        while remaining > 0 {
            let count = min(remaining, filler.count)
            answers.append(filler.extracting(..<count))
            remaining -= count
        }
    }
}
