// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A `Host` value taken apart: `uri-host [ ":" port ]` (RFC 9110 §7.2).
///
/// The name is letters, digits, `-` and `.`, or an IPv6 literal in brackets: narrower than RFC 3986's
/// reg-name, which allows percent-encoding and sub-delimiters no server of ours is called by.
package struct HostValue: Hashable, Sendable {
    /// Without the port; an IPv6 literal keeps its brackets.
    package let name: ByteSlice
    /// Nil when the value has none.
    package let port: UInt16?

    static let none = HostValue(name: .none, port: nil)

    private init(name: ByteSlice, port: UInt16?) {
        self.name = name
        self.port = port
    }

    @inline(__always)
    init(_ value: ByteSlice, of bytes: Span<UInt8>) throws(Refusal) {
        guard !value.isEmpty else { throw Refusal(.hostEmpty, at: value.start) }
        let nameEnd = try Self.nameEnd(value, of: bytes)
        name = ByteSlice(value.start, nameEnd)
        if nameEnd == value.end {
            port = nil
        } else {
            port = try Self.port(nameEnd + 1..<value.end, of: bytes)
        }
    }

    /// Where the name ends: at the value's end or at the colon before the port.
    @inline(__always)
    private static func nameEnd(_ value: ByteSlice, of bytes: Span<UInt8>) throws(Refusal) -> Int {
        var index = value.start
        if bytes[index] == UInt8(ascii: "[") {
            index += 1
            while index < value.end, ASCII.hexValue(bytes[index]) != nil || isColonOrDot(bytes[index]) { index += 1 }
            guard index > value.start + 2, index < value.end, bytes[index] == UInt8(ascii: "]") else {
                throw refusal(value, of: bytes, at: index)
            }
            index += 1
        } else {
            index = firstForeign(bytes, from: index, to: value.end)
            guard index > value.start else { throw refusal(value, of: bytes, at: index) }
        }
        guard index == value.end || bytes[index] == UInt8(ascii: ":") else {
            throw refusal(value, of: bytes, at: index)
        }
        return index
    }

    /// The first byte in `from..<to` that is not one of `[A-Za-z0-9.-]`; `to` when all are.
    @inline(__always)
    private static func firstForeign(_ bytes: Span<UInt8>, from: Int, to: Int) -> Int {
        bytes.firstIndex(from: from, to: to) { chunk in
            .!(chunk.isLetter .| chunk.isDigit .| chunk.isIn(UInt8(ascii: "-"), UInt8(ascii: ".")))
        }
    }

    private static func isColonOrDot(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") }

    /// 1 to 5 digits, 1 to 65535.
    @inline(never)
    private static func port(_ digits: Range<Int>, of bytes: Span<UInt8>) throws(Refusal) -> UInt16 {
        var value = 0
        for index in digits {
            if bytes[index] == UInt8(ascii: "@") { throw Refusal(.hostUserinfo, at: index) }
        }
        for index in digits {
            guard ASCII.isDigit(bytes[index]), digits.count <= 5 else { throw Refusal(.hostPort, at: index) }
            value = value * 10 + Int(bytes[index] - 0x30)
        }
        guard let port = UInt16(exactly: value), port > 0 else { throw Refusal(.hostPort, at: digits.lowerBound) }
        return port
    }

    @inline(never)
    private static func refusal(_ value: ByteSlice, of bytes: Span<UInt8>, at offset: Int) -> Refusal {
        for index in value.range where bytes[index] == UInt8(ascii: "@") { return Refusal(.hostUserinfo, at: index) }
        return Refusal(.hostMalformed, at: offset)
    }
}
