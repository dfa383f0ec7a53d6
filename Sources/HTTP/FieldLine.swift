// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One field line taken apart: `name ":" OWS value OWS` (RFC 9112 §5).
struct FieldLine {
    let field: Field

    /// - Precondition: `start..<end` is a line ``LineCursor`` found, and not empty.
    /// - Throws: folded lines, no colon, and every name that is not `[A-Za-z0-9-]+` right before its colon.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Refusal) {
        let head = bytes.widePadded(at: start)
        var nameEnd = start &+ (.!ASCII.isNameByte(head)).firstSetLane
        if nameEnd == start &+ 16 { nameEnd = Self.longNameEnd(bytes, nameEnd, end) }
        guard nameEnd < end, bytes[nameEnd] == UInt8(ascii: ":"), nameEnd > start else {
            throw Self.refusal(bytes, start, end)
        }
        let known = KnownField(FoldedName(head, bytes, start, nameEnd))
        let value = bytes.trimmed(nameEnd &+ 1..<end)
        field = Field(
            name: ByteSlice(start, nameEnd),
            value: ByteSlice(value.lowerBound, value.upperBound),
            known: known
        )
    }

    private static func longNameEnd(_ bytes: Span<UInt8>, _ from: Int, _ end: Int) -> Int {
        var index = from
        while index < end, ASCII.isNameByte(bytes[index]) { index &+= 1 }
        return index
    }

    /// Why the line has no acceptable name.
    @inline(never)
    private static func refusal(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Refusal {
        if ASCII.isBlank(bytes[start]) { return Refusal(.fieldFolded, at: start) }
        var index = start
        while index < end, ASCII.isTokenByte(bytes[index]) { index += 1 }
        guard index < end else { return Refusal(.fieldWithoutColon, at: start) }
        switch bytes[index] {
        case UInt8(ascii: ":") where index == start: return Refusal(.fieldNameEmpty, at: start)
        case UInt8(ascii: ":"):
            // A token with a colon behind it, so it has a byte outside [A-Za-z0-9-].
            return Refusal(.fieldNameCharacter, at: longNameEnd(bytes, start, end))
        default: break
        }
        var colon = index
        while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        if colon == end { return Refusal(.fieldWithoutColon, at: start) }
        return Refusal(ASCII.isBlank(bytes[index]) ? .fieldNameWhitespace : .fieldNameNotToken, at: index)
    }
}
