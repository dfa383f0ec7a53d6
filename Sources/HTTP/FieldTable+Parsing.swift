// SPDX-License-Identifier: Apache-2.0
internal import Base

extension FieldTable {
    /// Takes field lines up to and including the empty line.
    ///
    /// - Returns: where the empty line is; nil while it is not there.
    mutating func parse(
        _ bytes: Span<UInt8>,
        _ cursor: inout LineCursor,
        countMax: Int,
        side: MessageSide
    ) throws(Refusal) -> Int? {
        // Apart from the storage, as both are written.
        var facts = self.facts
        defer { self.facts = facts }
        while true {
            if let window = cursor.window(of: bytes) {
                var fields = storage.mutableSpan
                try facts.takePlainLines(window, &cursor, into: &fields, countMax: countMax, side: side)
            }
            if cursor.isAtEmptyLine(of: bytes) { return cursor.start }
            guard let end = try cursor.lineEnd(in: bytes, isStartLine: false) else { return nil }
            let start = cursor.start
            if facts.count == 0, ASCII.isBlank(bytes[start]) { throw Refusal(.whitespaceBeforeFirstField, at: start) }
            let field = try FieldLine(bytes, start, end).field
            guard facts.count < countMax else { throw Refusal(.tooManyFields, at: start) }
            try facts.check(field)
            storage[facts.count] = field
            try facts.add(field, of: bytes, side: side)
            cursor.advance(past: end)
        }
    }
}

extension FieldFacts {
    /// Takes lines as long as each is plain (``FieldLine/plain(_:at:_:)``).
    ///
    /// By itself, so that what it works with has the registers to itself.
    @inline(never)
    mutating func takePlainLines(
        _ window: Span<UInt8>,
        _ cursor: inout LineCursor,
        into fields: inout MutableSpan<Field>,
        countMax: Int,
        side: MessageSide
    ) throws(Refusal) {
        let names = FieldNames.shared
        // Kept apart while the lines go by, as they are in registers then.
        var (start, count, present) = (cursor.start, count, present)
        defer {
            cursor.advance(to: start)
            (self.count, self.present) = (count, present)
        }
        let countMax = min(countMax, fields.count)
        invariant(start >= 0 && count >= 0, "a place before the first")
        while count < countMax, let (field, end) = FieldLine.plain(window, at: start, names) {
            let known = field.known
            if present.contains(known), known.isSingle { throw Self.repeated(known, at: start) }
            fields[count] = field
            count &+= 1
            present.insert(known)
            start = end + 2
            if known.actsOnParsing {
                self.present = present
                try act(on: field, of: window, side: side)
            }
        }
    }

    /// Counts `field`, and acts on it when it frames the message.
    mutating func add(_ field: Field, of bytes: Span<UInt8>, side: MessageSide) throws(Refusal) {
        count += 1
        present.insert(field.known)
        if field.known.actsOnParsing { try act(on: field, of: bytes, side: side) }
    }

    func check(_ field: Field) throws(Refusal) {
        let known = field.known
        if present.contains(known), known.isSingle { throw Self.repeated(known, at: field.name.start) }
    }

    /// Framing, connection and expectation: what changes how the rest is read.
    @inline(never)
    mutating func act(on field: Field, of bytes: Span<UInt8>, side: MessageSide) throws(Refusal) {
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
    static func repeated(_ known: KnownField, at offset: Int) -> Refusal {
        switch known {
        case .host: Refusal(.hostRepeated, at: offset)
        case .contentLength: Refusal(.contentLengthRepeated, at: offset)
        case .transferEncoding: Refusal(.transferEncodingRepeated, at: offset)
        default: Refusal(.fieldRepeated, at: offset)
        }
    }
}
