// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Parses the answer to one request after another, as strictly as ``RequestParser`` parses requests.
///
/// Every refusal says 502: the connection it came from is dropped, and nothing of it is passed on.
package struct ResponseParser: Sendable {
    /// Interim answers taken before the real one.
    package static let interimCountMax = 8

    private var cursor: LineCursor
    private var isInFields = false
    private var interimCount = 0
    private let fieldCountMax: Int

    package init(limits: HeadLimits = HeadLimits()) {
        cursor = LineCursor(limits: limits)
        fieldCountMax = limits.fieldCountMax
    }

    /// Goes on with the head that begins at the first of `bytes`; see ``RequestParser/parse(_:into:)``.
    ///
    /// When the head is interim, let go of its bytes and call again for the next.
    ///
    /// - Parameter requestMethod: what is being answered; HEAD has no body whatever the fields say.
    package mutating func parse(
        _ bytes: Span<UInt8>,
        requestMethod: Method,
        into head: inout ResponseHead
    ) -> HeadOutcome {
        do throws(Refusal) {
            if !isInFields, let window = cursor.window(of: bytes), let line = StatusLine.plain(window) {
                begin(&head, line)
                cursor.advance(past: line.reason.end)
            }
            if !isInFields {
                guard let end = try cursor.lineEnd(in: bytes, isStartLine: true) else { return .incomplete }
                begin(&head, try StatusLine(bytes, cursor.start, end))
                cursor.advance(past: end)
            }
            guard let end = try head.fields.parse(bytes, &cursor, countMax: fieldCountMax, side: .response) else {
                return .incomplete
            }
            try finish(&head, requestMethod: requestMethod, at: end)
            cursor.reset()
            isInFields = false
            return .complete
        } catch {
            return .refused(error.inResponse)
        }
    }

    /// The server has closed its side before the head was complete; never fine, a request is waiting.
    package func endOfInput(unread byteCount: Int) -> Refusal {
        Refusal(.headTruncated, at: byteCount, side: .response)
    }

    @inline(__always)
    private mutating func begin(_ head: inout ResponseHead, _ line: StatusLine) {
        head.status = line.status
        head.reason = line.reason
        head.fields.facts.removeAll()
        isInFields = true
    }

    @inline(__always)
    private mutating func finish(
        _ head: inout ResponseHead,
        requestMethod: Method,
        at end: Int
    ) throws(Refusal) {
        if head.status == 101 { throw Refusal(.switchedProtocols, at: end) }
        interimCount = head.isInterim ? interimCount + 1 : 0
        if interimCount > Self.interimCountMax { throw Refusal(.tooManyInterimResponses, at: end) }

        let present = head.fields.present
        let mayHaveBody = !head.isInterim && head.status != 204
        if !mayHaveBody {
            // RFC 9110 §8.6, RFC 9112 §6.1. A length of 0 with 204 is wrong, common, and says the same.
            let announcesBody = present.contains(.contentLength) && head.fields.facts.lengthBytes > 0
            if announcesBody || present.contains(.transferEncoding) { throw Refusal(.bodyNotAllowed, at: end) }
        }
        if !mayHaveBody || head.status == 304 || requestMethod == .head {
            head.framing = .none
        } else if present.contains(.transferEncoding) {
            head.framing = .chunked
        } else if present.contains(.contentLength) {
            head.framing = .length(head.fields.facts.lengthBytes)
        } else {
            head.framing = .untilClose
        }
        head.isPersistent = !head.fields.facts.options.contains(.close) && head.framing != .untilClose
        head.byteCount = end + 2
    }
}
