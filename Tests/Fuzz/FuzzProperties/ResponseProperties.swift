// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// What must be true of any bytes given to the response parser.
package enum ResponseProperties {
    /// The first byte says which method is being answered; the rest is what the server sent.
    package static func check(_ bytes: Span<UInt8>) {
        guard let method = Method(rawValue: bytes.isEmpty ? 0 : bytes[0] % 6), !bytes.isEmpty else { return }
        var start = 1
        var parser = ResponseParser()
        for _ in 0...ResponseParser.interimCountMax {
            let rest = bytes.extracting(start..<bytes.count)
            var head = ResponseHead()
            let before = parser
            let outcome = parser.parse(rest, requestMethod: method, into: &head)
            checkSlowly(before, rest, method, outcome, head)
            if case .refused(let refusal) = outcome { invariant(refusal.status == 502, "refused with another status") }
            guard outcome == .complete else { return }
            invariant((100...599).contains(head.status) && head.status != 101, "took status \(head.status)")
            checkWritten(head, of: rest, method)
            start += head.byteCount
            if head.isInterim { continue }
            let body = bytes.extracting(start..<bytes.count)
            _ = BodyProperties.check(body, head.framing, limitBytes: 1 << 16)
            return
        }
        invariant(false, "took more interim answers than it may")
    }

    private static func checkSlowly(
        _ parser: ResponseParser,
        _ bytes: Span<UInt8>,
        _ method: Method,
        _ outcome: HeadOutcome,
        _ head: borrowing ResponseHead
    ) {
        var parser = parser
        var sameHead = ResponseHead()
        var sameOutcome = HeadOutcome.incomplete
        var arrived = 0
        while sameOutcome == .incomplete, arrived < bytes.count {
            arrived += 1
            sameOutcome = parser.parse(bytes.extracting(0..<arrived), requestMethod: method, into: &sameHead)
        }
        invariant(bytes.isEmpty || outcome == sameOutcome, "byte by byte: \(sameOutcome), whole: \(outcome)")
        guard outcome == .complete else { return }
        invariant(head.byteCount == arrived, "took \(head.byteCount) bytes, was complete after \(arrived)")
        invariant(head.status == sameHead.status && head.framing == sameHead.framing, "byte by byte, another head")
        invariant(FieldProperties.areSame(head.fields, of: bytes, sameHead.fields, of: bytes), "other fields")
    }

    private static func checkWritten(_ head: borrowing ResponseHead, of bytes: Span<UInt8>, _ method: Method) {
        var written = ByteBuffer()
        HeadWriter.statusLine(head.status, into: &written)
        for index in head.fields.indices { HeadWriter.field(head.fields[index], of: bytes, into: &written) }
        HeadWriter.end(into: &written)
        var again = ResponseHead()
        var parser = ResponseParser()
        guard parser.parse(written.bytes, requestMethod: method, into: &again) == .complete else {
            return invariant(false, "what was accepted is refused when written again")
        }
        invariant(again.byteCount == written.count, "written again, it is shorter")
        invariant(
            again.status == head.status && again.framing == head.framing,
            "written again, it is framed differently"
        )
        invariant(FieldProperties.areSame(head.fields, of: bytes, again.fields, of: written.bytes), "other fields")
    }
}
