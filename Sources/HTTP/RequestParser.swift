// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Parses request heads, one after another, from bytes that arrive as they like.
///
/// Strict RFC 9112, and stricter where `docs/RFCs.md` says `!`. It never looks at a byte twice for the
/// end of a line, so a head that trickles in costs no more than one that comes whole.
package struct RequestParser: Sendable {
    private enum Stage {
        case start
        case afterEmptyLine
        case fields
    }

    private var cursor: LineCursor
    private var stage = Stage.start
    private let fieldCountMax: Int

    package init(limits: HeadLimits = HeadLimits()) {
        cursor = LineCursor(limits: limits)
        fieldCountMax = limits.fieldCountMax
    }

    /// Goes on with the head that begins at the first of `bytes`.
    ///
    /// After ``HeadOutcome/incomplete``, call with the same bytes, more behind them, and the same `head`.
    /// After ``HeadOutcome/complete`` the parser is ready for the next head: let go of `head.byteCount`
    /// bytes and of the body first. After a refusal, close the connection.
    package mutating func parse(_ bytes: Span<UInt8>, into head: inout RequestHead) -> HeadOutcome {
        do throws(Refusal) {
            if stage == .start, let window = cursor.window(of: bytes), let line = RequestLine.plain(window) {
                begin(&head, line)
                cursor.advance(past: line.target.end &+ 9)
            }
            while stage != .fields {
                guard let end = try cursor.lineEnd(in: bytes, isStartLine: true) else { return .incomplete }
                try startLine(bytes, cursor.start, end, into: &head)
                cursor.advance(past: end)
            }
            guard let end = try head.fields.parse(bytes, &cursor, countMax: fieldCountMax, side: .request) else {
                return .incomplete
            }
            try finish(&head, at: end)
            cursor.reset()
            stage = .start
            return .complete
        } catch {
            return .refused(error)
        }
    }

    /// The peer has closed its side.
    ///
    /// - Parameter byteCount: bytes received and not yet part of a complete head.
    /// - Returns: nil when it closed between two requests, as it may.
    package func endOfInput(unread byteCount: Int) -> Refusal? {
        byteCount == 0 ? nil : Refusal(.headTruncated, at: byteCount)
    }

    private mutating func startLine(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        into head: inout RequestHead
    ) throws(Refusal) {
        if start == end {
            // One empty line is forgiven, as after a sloppy client's last body (RFC 9112 §2.2).
            guard stage == .start else { throw Refusal(.emptyLinesFirst, at: start) }
            stage = .afterEmptyLine
            return
        }
        begin(&head, try RequestLine(bytes, start, end))
    }

    @inline(__always)
    private mutating func begin(_ head: inout RequestHead, _ line: RequestLine) {
        head.method = line.method
        head.target = line.target
        head.path = line.path
        head.query = line.query
        head.fields.facts.removeAll()
        stage = .fields
    }

    /// What only the whole head can say.
    @inline(__always)
    private func finish(_ head: inout RequestHead, at end: Int) throws(Refusal) {
        let present = head.fields.present
        guard present.contains(.host) else { throw Refusal(.hostMissing, at: end) }
        if present.contains(.transferEncoding) {
            head.framing = .chunked
        } else if present.contains(.contentLength) {
            head.framing = .length(head.fields.facts.lengthBytes)
        } else {
            head.framing = .none
        }
        head.isPersistent = !head.fields.facts.options.contains(.close)
        head.expectsContinue = present.contains(.expect) && !head.framing.isEmpty
        head.byteCount = end &+ 2
    }
}
