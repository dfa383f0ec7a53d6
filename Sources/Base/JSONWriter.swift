// SPDX-License-Identifier: Apache-2.0

/// Appends one JSON object to a buffer, field by field, without allocating (RFC 8259).
///
/// For logs and short answers; it writes flat objects only. Names are literals of ours and are not
/// escaped; values are.
package struct JSONWriter: ~Copyable {
    package var buffer: ByteBuffer
    private var isFirst = true

    /// Takes the buffer over; get it back with ``finish()``.
    package init(_ buffer: consuming ByteBuffer) {
        self.buffer = buffer
        self.buffer.append(UInt8(ascii: "{"))
    }

    package consuming func finish() -> ByteBuffer {
        buffer.append(UInt8(ascii: "}"))
        return buffer
    }

    private mutating func name(_ name: StaticString) {
        if !isFirst { buffer.append(UInt8(ascii: ",")) }
        isFirst = false
        buffer.append(UInt8(ascii: "\""))
        buffer.append(name)
        buffer.append("\":" as StaticString)
    }

    package mutating func field(_ name: StaticString, _ value: Int) {
        self.name(name)
        buffer.append(decimal: value)
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        self.name(name)
        if value { buffer.append("true" as StaticString) } else { buffer.append("false" as StaticString) }
    }

    package mutating func field(_ name: StaticString, _ value: StaticString) {
        self.name(name)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(value)
        buffer.append(UInt8(ascii: "\""))
    }

    package mutating func field(_ name: StaticString, _ value: UniqueID) {
        self.name(name)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(value)
        buffer.append(UInt8(ascii: "\""))
    }

    package mutating func field(_ name: StaticString, _ value: String) {
        self.name(name)
        buffer.append(UInt8(ascii: "\""))
        for byte in value.utf8 { buffer.appendEscaped(byte) }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Bytes outside printable ASCII become `\u00XX`: what a peer sent stays one line and valid JSON.
    package mutating func field(_ name: StaticString, ascii value: Span<UInt8>) {
        self.name(name)
        buffer.append(UInt8(ascii: "\""))
        for index in value.indices {
            let byte = value[index]
            if byte < 0x80 { buffer.appendEscaped(byte) } else { buffer.appendControl(byte) }
        }
        buffer.append(UInt8(ascii: "\""))
    }
}

extension ByteBuffer {
    /// Appends one byte of UTF-8 inside a JSON string.
    fileprivate mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case 0..<0x20, 0x7f: appendControl(byte)
        default: append(byte)
        }
    }

    fileprivate mutating func appendControl(_ byte: UInt8) {
        append("\\u00" as StaticString)
        append(Hex.digit(byte >> 4))
        append(Hex.digit(byte & 15))
    }
}
