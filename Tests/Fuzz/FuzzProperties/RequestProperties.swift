// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// What must be true of any bytes given to the request parser.
///
/// Called by the fuzzer and, with what it has found before, by an ordinary test; a broken property traps.
package enum RequestProperties {
    /// Takes `bytes` as a connection would: one request after another, until something is refused or missing.
    package static func check(_ bytes: Span<UInt8>) {
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            var head = RequestHead()
            let outcome = parse(rest, into: &head)
            guard outcome == .complete else { return }
            checkAccepted(head, of: rest)
            let body = rest.extracting(head.byteCount..<rest.count)
            guard let taken = BodyProperties.check(body, head.framing, limitBytes: 1 << 16) else { return }
            start += head.byteCount + taken
        }
    }

    /// Parses whole, and again byte by byte: the outcome and the head must be the same.
    private static func parse(_ bytes: Span<UInt8>, into head: inout RequestHead) -> HeadOutcome {
        var parser = RequestParser()
        let outcome = parser.parse(bytes, into: &head)
        var slowly = RequestParser()
        var sameHead = RequestHead()
        var sameOutcome = HeadOutcome.incomplete
        var arrived = 0
        while sameOutcome == .incomplete, arrived < bytes.count {
            arrived += 1
            sameOutcome = slowly.parse(bytes.extracting(0..<arrived), into: &sameHead)
        }
        invariant(bytes.isEmpty || outcome == sameOutcome, "byte by byte: \(sameOutcome), whole: \(outcome)")
        guard outcome == .complete else { return outcome }
        invariant(head.byteCount == arrived, "took \(head.byteCount) bytes, was complete after \(arrived)")
        invariant(isSame(head, sameHead), "byte by byte, another head")
        return outcome
    }

    private static func checkAccepted(_ head: borrowing RequestHead, of bytes: Span<UInt8>) {
        for index in 0..<head.byteCount {
            let isLineEnd = bytes[index] == 0x0d || bytes[index] == 0x0a
            invariant((0x20..<0x7f).contains(bytes[index]) || bytes[index] == 9 || isLineEnd, "took an odd octet")
        }
        invariant(bytes[head.target][0] == UInt8(ascii: "/"), "took a target that is no path")
        // Written again, it may grow by a space a field: past the limits of a head, at last.
        guard head.byteCount < 8000 else { return }
        var written = ByteBuffer()
        HeadWriter.requestLine(head.method, target: bytes[head.target], into: &written)
        for index in head.fields.indices { HeadWriter.field(head.fields[index], of: bytes, into: &written) }
        HeadWriter.end(into: &written)
        var again = RequestHead()
        var parser = RequestParser()
        guard parser.parse(written.bytes, into: &again) == .complete, again.byteCount == written.count else {
            return invariant(false, "what was accepted is refused when written again")
        }
        invariant(hasSameContent(head, of: bytes, again, of: written.bytes), "written again, it says something else")
        checkForwarded(head, of: bytes)
    }

    /// What goes on is one request with the same framing, and nothing of it is for this hop or a claim.
    private static func checkForwarded(_ head: borrowing RequestHead, of bytes: Span<UInt8>) {
        var written = ByteBuffer()
        HeadWriter.requestLine(head.method, target: bytes[head.target], into: &written)
        HeadWriter.forwardedFields(of: head, in: bytes, into: &written)
        HeadWriter.framing(head.framing, into: &written)
        HeadWriter.end(into: &written)
        var again = RequestHead()
        var parser = RequestParser()
        guard parser.parse(written.bytes, into: &again) == .complete, again.byteCount == written.count else {
            return invariant(false, "what goes on would be refused")
        }
        invariant(again.framing == head.framing, "goes on with another framing")
        invariant(again.method == head.method && again.isPersistent, "goes on as something else")
        for index in again.fields.indices {
            let known = again.fields[index].known
            invariant(known != .identity, "a claim of identity goes on")
            invariant(known == .transferEncoding || !FieldPolicy.isHopByHop(known), "a field for this hop goes on")
        }
    }

    private static func isSame(_ left: borrowing RequestHead, _ right: borrowing RequestHead) -> Bool {
        guard left.method == right.method, left.target == right.target, left.path == right.path else { return false }
        guard left.query == right.query, left.framing == right.framing, left.host == right.host else { return false }
        guard left.isPersistent == right.isPersistent, left.fieldCount == right.fieldCount else { return false }
        for index in left.fields.indices where left.fields[index] != right.fields[index] { return false }
        return left.expectsContinue == right.expectsContinue && left.byteCount == right.byteCount
    }

    private static func hasSameContent(
        _ left: borrowing RequestHead,
        of leftBytes: Span<UInt8>,
        _ right: borrowing RequestHead,
        of rightBytes: Span<UInt8>
    ) -> Bool {
        guard left.method == right.method, left.framing == right.framing else { return false }
        guard left.isPersistent == right.isPersistent, left.hostPort == right.hostPort else { return false }
        guard leftBytes[left.target].isSame(as: rightBytes[right.target]) else { return false }
        return FieldProperties.areSame(left.fields, of: leftBytes, right.fields, of: rightBytes)
    }
}

/// What two tables of fields have in common.
enum FieldProperties {
    static func areSame(
        _ left: FieldTable,
        of leftBytes: Span<UInt8>,
        _ right: FieldTable,
        of rightBytes: Span<UInt8>
    ) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices {
            let (mine, other) = (left[index], right[index])
            guard mine.known == other.known, leftBytes[mine.name].isSame(as: rightBytes[other.name]),
                leftBytes[mine.value].isSame(as: rightBytes[other.value])
            else { return false }
        }
        return true
    }
}

extension Span<UInt8> {
    func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
