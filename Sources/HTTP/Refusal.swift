// SPDX-License-Identifier: Apache-2.0

/// A message that is not taken: answer ``status`` and close; nothing of it may be passed on.
package struct Refusal: Error, Hashable, Sendable {
    package let reason: RefusalReason
    /// For a request, what to answer its sender; for a response, always 502.
    package let status: Int
    /// Where, in bytes from the start of what was given to the parser or decoder.
    package let offset: Int

    package init(_ reason: RefusalReason, at offset: Int, side: MessageSide = .request) {
        self.reason = reason
        self.offset = offset
        status = side == .request ? reason.status : 502
    }

    /// The same finding about what a backend or a partner's server sent us.
    var inResponse: Refusal { Refusal(reason, at: offset, side: .response) }
}

/// Which way a message travels; decides the status of a refusal.
package enum MessageSide: Hashable, Sendable {
    case request
    case response
}

/// What a parser made of the bytes so far.
package enum HeadOutcome: Hashable, Sendable {
    /// Give the same bytes again with more after them.
    case incomplete
    /// The head is valid; its first byte was the span's first, and it is `byteCount` long.
    case complete
    case refused(Refusal)
}
