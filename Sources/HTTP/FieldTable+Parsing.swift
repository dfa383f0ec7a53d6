// SPDX-License-Identifier: Apache-2.0
internal import Base

extension FieldTable {
    /// Takes field lines up to and including the empty line.
    ///
    /// - Returns: where the empty line is; nil while it is not there.
    @inline(__always)
    mutating func parse(
        _ bytes: Span<UInt8>,
        _ cursor: inout LineCursor,
        countMax: Int,
        side: MessageSide
    ) throws(Refusal) -> Int? {
        // One look at the array for all lines there are; the facts apart from it, as both are written.
        var facts = self.facts
        var isComplete = false
        do throws(Refusal) {
            var fields = storage.mutableSpan
            while let end = try cursor.lineEnd(in: bytes, isStartLine: false) {
                let start = cursor.start
                if start == end {
                    isComplete = true
                    break
                }
                try facts.add(bytes, start, end, into: &fields, countMax: countMax, side: side)
                cursor.advance(past: end)
            }
        } catch {
            self.facts = facts
            throw error
        }
        self.facts = facts
        return isComplete ? cursor.start : nil
    }
}

extension FieldFacts {
    /// Puts the field of the line at `start..<end` into `fields`, and acts on it when it frames the message.
    ///
    /// - Precondition: the line is not empty.
    @inline(__always)
    mutating func add(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        into fields: inout MutableSpan<Field>,
        countMax: Int,
        side: MessageSide
    ) throws(Refusal) {
        if count == 0, ASCII.isBlank(bytes[start]) { throw Refusal(.whitespaceBeforeFirstField, at: start) }
        let field = try FieldLine(bytes, start, end).field
        guard count < countMax else { throw Refusal(.tooManyFields, at: start) }
        let known = field.known
        if present.contains(known), known.isSingle { throw Self.repeated(known, at: start) }
        fields[count] = field
        count &+= 1
        present.insert(known)
        if known.actsOnParsing { try act(on: field, of: bytes, side: side) }
    }

    /// Framing, connection and expectation: what changes how the rest is read.
    @inline(never)
    private mutating func act(on field: Field, of bytes: Span<UInt8>, side: MessageSide) throws(Refusal) {
        let value = field.value
        switch field.known {
        case .contentLength:
            if present.contains(.transferEncoding) {
                throw Refusal(.contentLengthAndTransferEncoding, at: field.name.start)
            }
            lengthBytes = try parseContentLength(value, of: bytes)
        case .transferEncoding:
            if present.contains(.contentLength) {
                throw Refusal(.contentLengthAndTransferEncoding, at: field.name.start)
            }
            try checkTransferEncoding(value, of: bytes)
        case .connection: try options.add(value, of: bytes)
        case .host where side == .request: host = try HostValue(value, of: bytes)
        case .expect where side == .request:
            guard bytes[value].equalsIgnoringCase("100-continue") else {
                throw Refusal(.expectationUnknown, at: value.start)
            }
        case .upgrade where side == .request, .http2Settings where side == .request:
            throw Refusal(.upgradeRequested, at: field.name.start)
        default: break
        }
    }

    @inline(never)
    private static func repeated(_ known: KnownField, at offset: Int) -> Refusal {
        switch known {
        case .host: Refusal(.hostRepeated, at: offset)
        case .contentLength: Refusal(.contentLengthRepeated, at: offset)
        case .transferEncoding: Refusal(.transferEncodingRepeated, at: offset)
        default: Refusal(.fieldRepeated, at: offset)
        }
    }
}
