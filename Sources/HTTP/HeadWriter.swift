// SPDX-License-Identifier: Apache-2.0
public import Base

/// Writes heads, line by line, from what was parsed: the bytes of a head are never passed through.
///
/// What is not a constant is checked: a line break in a value would be another field.
@usableFromInline package enum HeadWriter {
    /// `POST /path?query HTTP/1.1`.
    ///
    /// - Precondition: the target came out of ``RequestParser``, or ``isTarget(_:)`` says it is one.
    package static func requestLine(_ method: Method, target: Span<UInt8>, into output: inout ByteBuffer) {
        output.append(method.name)
        output.append(" ", target, " HTTP/1.1\r\n")
    }

    /// The same, with a configured base path (without its last slash) before the target.
    package static func requestLine(
        _ method: Method,
        prefix: Span<UInt8>,
        target: Span<UInt8>,
        into output: inout ByteBuffer
    ) {
        output.append(method.name)
        output.append(" ", prefix, "")
        output.append(target)
        output.append(" HTTP/1.1\r\n")
    }

    /// `HTTP/1.1 200 OK`.
    package static func statusLine(_ status: Int, into output: inout ByteBuffer) {
        if status == 200 { return output.append("HTTP/1.1 200 OK\r\n") }
        output.append("HTTP/1.1 ")
        output.append(decimal: status)
        output.append(" ", ReasonPhrase.of(status), "\r\n")
    }

    /// A field that was parsed from `bytes`, with one space before its value and none behind.
    package static func field(_ field: Field, of bytes: Span<UInt8>, into output: inout ByteBuffer) {
        output.append(bytes[field.name])
        output.append(": ", bytes[field.value], "\r\n")
    }

    @inlinable @inline(__always)
    package static func field(_ name: StaticString, _ value: StaticString, into output: inout ByteBuffer) {
        output.append(name, ": ", value)
        output.append("\r\n")
    }

    @inlinable @inline(__always)
    package static func field(_ name: StaticString, decimal value: Int, into output: inout ByteBuffer) {
        output.append(name, ": ")
        output.append(decimal: value)
        output.append("\r\n")
    }

    /// - Returns: false, and nothing is written, when `value` cannot be a field value.
    @inlinable @inline(__always)
    @discardableResult
    package static func field(_ name: StaticString, _ value: Span<UInt8>, into output: inout ByteBuffer) -> Bool {
        guard isValue(value) else { return false }
        output.append(name)
        output.append(": ", value, "\r\n")
        return true
    }

    /// - Returns: false, and nothing is written, when `name` or `value` cannot be one.
    @discardableResult
    @_disfavoredOverload
    package static func field(_ name: String, _ value: String, into output: inout ByteBuffer) -> Bool {
        let (nameBytes, valueBytes) = (Array(name.utf8), Array(value.utf8))
        guard isName(nameBytes.span), isValue(valueBytes.span) else { return false }
        output.append(nameBytes)
        output.append(": ")
        output.append(valueBytes)
        output.append("\r\n")
        return true
    }

    /// `Content-Length` or `Transfer-Encoding`, or neither, as the body will be framed.
    package static func framing(_ framing: BodyFraming, into output: inout ByteBuffer) {
        switch framing {
        case .none, .untilClose: break
        case .length(let lengthBytes): field("Content-Length", decimal: Int(lengthBytes), into: &output)
        case .chunked: output.append("Transfer-Encoding: chunked\r\n")
        }
    }

    /// The empty line.
    @inlinable @inline(__always)
    package static func end(into output: inout ByteBuffer) { output.append("\r\n") }
}

extension HeadWriter {
    /// Printable ASCII, spaces and tabs, neither at an end: what ``RequestParser`` would give back.
    @usableFromInline
    package static func isValue(_ value: Span<UInt8>) -> Bool {
        guard !value.isEmpty else { return true }
        if ASCII.isBlank(value[0]) || ASCII.isBlank(value[value.count - 1]) { return false }
        return value.firstNotText(from: 0, to: value.count) == value.count
    }

    /// Letters, digits and `-`, at least one.
    package static func isName(_ name: Span<UInt8>) -> Bool {
        !name.isEmpty && name.allSatisfy(in: 0..<name.count, ASCII.isNameByte)
    }

    /// A target in origin form that ``RequestParser`` would take.
    package static func isTarget(_ target: Span<UInt8>) -> Bool {
        do throws(Refusal) {
            _ = try Target(target, 0, target.count)
            return true
        } catch {
            return false
        }
    }
}
