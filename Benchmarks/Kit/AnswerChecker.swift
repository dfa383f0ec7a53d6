// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What was wrong with an answer.
package enum AnswerFault: Error, Hashable, Sendable, CustomStringConvertible {
    case malformedHead
    case status(Int)
    /// `Content-Length` differs from what was asked for, or there is none.
    case length(announced: Int?, asked: Int)
    case chunked
    /// Somebody else's answer, or one without a token.
    case token
    /// Bytes behind the end of the answer, or without a request.
    case surplus(byteCount: Int)

    package var description: String {
        switch self {
        case .malformedHead: "the answer's head is malformed"
        case .status(let status): "status \(status)"
        case .length(let announced, let asked):
            "Content-Length \(announced.map(String.init) ?? "is missing"), asked for \(asked)"
        case .chunked: "the answer is chunked"
        case .token: "X-Token is not the request's"
        case .surplus(let byteCount): "\(byteCount) bytes behind the answer"
        }
    }
}

/// Follows one connection's answers, one at a time, and checks each against its request.
package struct AnswerChecker: Sendable {
    private let answerBytes: Int
    private var wanted: RequestToken?
    /// Of the body; negative until the head is complete.
    private var remaining = -1
    private var head = HeadScan()

    /// - Parameter answerBytes: the body's length that every request asks for.
    package init(answerBytes: Int) { self.answerBytes = answerBytes }

    package var isWaiting: Bool { wanted != nil }

    /// The next answer belongs to this request.
    ///
    /// - Precondition: the last answer is complete.
    package mutating func expect(_ token: RequestToken) {
        invariant(wanted == nil, "one request at a time")
        wanted = token
        remaining = -1
    }

    /// Takes what came.
    ///
    /// - Returns: how many of the bytes are done with, and whether that was the end of the answer; the others come
    ///   again in front of the next ones.
    package mutating func take(_ bytes: Span<UInt8>) throws(AnswerFault) -> (consumed: Int, isComplete: Bool) {
        guard let wanted else { throw .surplus(byteCount: bytes.count) }
        var consumed = 0
        if remaining < 0 {
            switch head.scan(bytes) {
            case .incomplete: return (0, false)
            case .malformed: throw .malformedHead
            case .complete: break
            }
            guard head.status == 200 else { throw .status(head.status) }
            guard !head.isChunked else { throw .chunked }
            guard head.contentLength == answerBytes else {
                throw .length(announced: head.contentLength, asked: answerBytes)
            }
            guard RequestToken(bytes, head.token) == wanted else { throw .token }
            remaining = answerBytes
            consumed = head.byteCount
        }
        let taken = min(remaining, bytes.count - consumed)
        remaining -= taken
        consumed += taken
        guard remaining == 0 else { return (consumed, false) }
        guard consumed == bytes.count else { throw .surplus(byteCount: bytes.count - consumed) }
        self.wanted = nil
        return (consumed, true)
    }
}
