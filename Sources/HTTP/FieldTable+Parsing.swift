// SPDX-License-Identifier: Apache-2.0
internal import Base

extension FieldTable {
    /// Adds the field line at `start..<end`, and acts on it when it frames the message.
    ///
    /// - Precondition: the line is not empty.
    @inline(__always)
    mutating func add(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        countMax: Int,
        side: MessageSide
    ) throws(Refusal) {
        if count == 0, ASCII.isBlank(bytes[start]) { throw Refusal(.whitespaceBeforeFirstField, at: start) }
        let field = try FieldLine(bytes, start, end).field
        guard count < countMax else { throw Refusal(.tooManyFields, at: start) }
        let known = field.known
        if present.contains(known), known.isSingle { throw Self.repeated(known, at: start) }
        append(field)
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
