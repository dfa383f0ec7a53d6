// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The byte classes of the grammar (RFC 9110 §5.6, RFC 3986 §2).
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d
    static let space: UInt8 = 0x20
    static let delete: UInt8 = 0x7f

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// One of `[A-Za-z0-9-]`, all a field name may be made of here.
    @inline(__always)
    static func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") }

    /// ``isNameByte(_:)`` for sixteen.
    @inline(__always)
    static func isNameByte(_ bytes: SIMD16<UInt8>) -> LaneMask {
        bytes.isLetter .| bytes.isDigit .| bytes.equals(UInt8(ascii: "-"))
    }

    /// tchar (RFC 9110 §5.6.2).
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "^"),
            UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: isNameByte(byte)
        }
    }

    /// The value of a hexadecimal digit, nil for any other byte.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension Span<UInt8> {
    /// The first byte in `from..<to` that is neither printable ASCII, a space nor a tab; `to` when all are.
    @inline(__always)
    func firstNotText(from: Int, to: Int) -> Int {
        var index = from
        while true {
            // Tabs apart, as they are rare: a range is one comparison.
            index = firstIndex(from: index, to: to) { $0.isNotIn(ASCII.space, ASCII.delete - 1) }
            guard index < to, self[index] == ASCII.tab else { return index }
            index &+= 1
        }
    }

    /// The place of `range` without the blanks at either end (OWS, RFC 9110 §5.6.3).
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, ASCII.isBlank(self[start]) { start &+= 1 }
        while start < end, ASCII.isBlank(self[end &- 1]) { end &-= 1 }
        return start..<end
    }

    /// True when both places hold the same bytes, letters in any case.
    func isSameToken(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count {
            let (first, second) = (self[left.lowerBound + offset], self[right.lowerBound + offset])
            guard first == second || (ASCII.isLetter(first) && first | 0x20 == second | 0x20) else { return false }
        }
        return true
    }

    func allSatisfy(in range: Range<Int>, _ isAllowed: (UInt8) -> Bool) -> Bool {
        for index in range where !isAllowed(self[index]) { return false }
        return true
    }

    /// True when the bytes are `text`, letters in any case.
    ///
    /// - Precondition: `text` is lower case.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices {
            let (mine, wanted) = (self[index], text.byte(at: index))
            guard mine == wanted || (ASCII.isLetter(mine) && mine | 0x20 == wanted) else { return false }
        }
        return true
    }
}
