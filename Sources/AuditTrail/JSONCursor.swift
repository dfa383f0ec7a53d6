// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Reads the JSON that this target writes: its fields in their order, without spaces, texts and whole numbers only
/// (RFC 8259).
///
/// Stricter than JSON, so that one event has one form only; but every escape of a text is read.
struct JSONCursor {
    /// Where reading stopped, in bytes from the beginning.
    struct Mismatch: Error, Hashable {
        let offset: Int
    }

    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    /// Takes `text` if it comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count, bytes[offset..<offset + count].elementsEqual(text.description.utf8) else {
            return false
        }
        offset += count
        return true
    }

    mutating func expect(_ text: StaticString) throws(Mismatch) {
        guard skip(text) else { throw Mismatch(offset: offset) }
    }

    /// A whole number without sign and leading zeros that 63 bits hold.
    mutating func number() throws(Mismatch) -> Int {
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
        let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let value = Int(digits), String(value) == digits else { throw Mismatch(offset: start) }
        return value
    }

    mutating func text() throws(Mismatch) -> String {
        try expect("\"")
        let start = offset
        var content: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw Mismatch(offset: start) }
                return text
            case UInt8(ascii: "\\"): try escaped(into: &content)
            case 0..<0x20: throw Mismatch(offset: offset - 1)
            default: content.append(byte)
            }
        }
        throw Mismatch(offset: offset)
    }

    private mutating func escaped(into content: inout [UInt8]) throws(Mismatch) {
        guard offset < bytes.count else { throw Mismatch(offset: offset) }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0c)
        case UInt8(ascii: "n"): content.append(0x0a)
        case UInt8(ascii: "r"): content.append(0x0d)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content += Array(String(try scalar()).utf8)
        default: throw Mismatch(offset: offset - 1)
        }
    }

    /// What follows `\u`: four digits, or eight with `\u` between them for a pair of surrogates.
    private mutating func scalar() throws(Mismatch) -> Character {
        let start = offset
        var value = try unit()
        if (0xd800..<0xdc00).contains(value) {
            try expect("\\u")
            let low = try unit()
            guard (0xdc00..<0xe000).contains(low) else { throw Mismatch(offset: start) }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw Mismatch(offset: start) }
        return Character(scalar)
    }

    private mutating func unit() throws(Mismatch) -> UInt32 {
        guard bytes.count - offset >= 4 else { throw Mismatch(offset: offset) }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: bytes[offset]) else { throw Mismatch(offset: offset) }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
