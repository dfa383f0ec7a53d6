// SPDX-License-Identifier: Apache-2.0

/// Appends one JSON object to a buffer, field by field, without allocating (RFC 8259).
///
/// For logs and short answers; it writes flat objects only. Names are literals of ours and are not
/// escaped; values are.
@usableFromInline package struct JSONWriter: ~Copyable {
    @usableFromInline var buffer: ByteBuffer
    /// What stands before the next field: the object's beginning or a comma.
    @usableFromInline var opening = UInt8(ascii: "{")

    /// Takes the buffer over; get it back with ``finish()``.
    @inlinable @inline(__always)
    package init(_ buffer: consuming ByteBuffer) { self.buffer = buffer }

    @inlinable @inline(__always)
    package consuming func finish() -> ByteBuffer {
        if opening == UInt8(ascii: "{") { buffer.append(opening) }
        buffer.append(UInt8(ascii: "}"))
        return buffer
    }

    @inlinable @inline(__always)
    mutating func name(_ name: StaticString, _ after: StaticString) {
        buffer.append(opening, quoted: name, after)
        opening = UInt8(ascii: ",")
    }

    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: Int) {
        self.name(name, "\":")
        buffer.append(decimal: value)
    }

    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: Bool) {
        self.name(name, "\":")
        if value { buffer.append("true" as StaticString) } else { buffer.append("false" as StaticString) }
    }

    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: StaticString) {
        self.name(name, "\":\"")
        buffer.append(value, "\"")
    }

    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: UniqueID) {
        self.name(name, "\":\"")
        buffer.append(value)
        buffer.append(UInt8(ascii: "\""))
    }

    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, _ value: String) {
        self.name(name, "\":\"")
        buffer.append(quotedRest: value.utf8.span, isASCII: false)
    }

    /// Bytes outside printable ASCII become `\u00XX`: what a peer sent stays one line and valid JSON.
    @inlinable @inline(__always)
    package mutating func field(_ name: StaticString, ascii value: Span<UInt8>) {
        self.name(name, "\":\"")
        buffer.append(quotedRest: value, isASCII: true)
    }
}

extension ByteBuffer {
    /// Appends a JSON string with its quotes; `value` is UTF-8.
    package mutating func append(quoted value: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        append(quotedRest: value, isASCII: false)
    }

    @inlinable @inline(__always)
    mutating func append(quotedRest value: Span<UInt8>, isASCII: Bool) {
        self = (consume self).appending(quotedRest: value, isASCII: isASCII)
    }

    /// The buffer and a JSON string, its opening quote apart.
    ///
    /// - Parameter isASCII: bytes from 0x80 on are escaped, too; else they are UTF-8 and go in as they are.
    @usableFromInline
    consuming func appending(quotedRest value: Span<UInt8>, isASCII: Bool) -> ByteBuffer {
        var start = 0
        while true {
            let end = value.firstIndex(from: start, to: value.count) { chunk in
                chunk.isNotIn(0x20, 0x7e) .| chunk.equals(UInt8(ascii: "\"")) .| chunk.equals(UInt8(ascii: "\\"))
            }
            append(value.extracting(start..<end))
            guard end < value.count else { break }
            append(escaped: value[end], isASCII: isASCII)
            start = end + 1
        }
        append(UInt8(ascii: "\""))
        return self
    }

    private mutating func append(escaped byte: UInt8, isASCII: Bool) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case 0x80... where !isASCII: append(byte)
        default:
            append("\\u00" as StaticString)
            append(Hex.digit(byte >> 4))
            append(Hex.digit(byte & 15))
        }
    }
}
