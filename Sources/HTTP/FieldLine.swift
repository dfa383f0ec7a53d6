// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One field line taken apart: `name ":" OWS value OWS` (RFC 9112 §5).
struct FieldLine {
    let field: Field

    /// The line at `start`, when it is all there and written as nearly all are: a name of up to fifteen bytes,
    /// a colon, one space, and printable ASCII without blanks around it.
    ///
    /// Each byte is looked at once. Nil says nothing about the line: the general way finds out whether it is
    /// in another form, not complete or refused.
    ///
    /// - Precondition: `start` is not negative.
    @inline(__always)
    static func plain(_ bytes: Span<UInt8>, at start: Int, _ names: FieldNames) -> (field: Field, end: Int)? {
        guard start <= bytes.count else { return nil }
        let head = bytes.widePadded(at: start)
        let nameCount = (.!ASCII.isNameByte(head)).firstSetLane
        // Sums that trap, here and below: from them the compiler knows that no place is negative.
        let nameEnd = start + nameCount
        guard nameCount > 0, nameCount < 16, nameEnd <= bytes.count &- 2, bytes.pair(at: nameEnd) == ": " else {
            return nil
        }
        let valueStart = nameEnd + 2
        let end = bytes.firstIndex(from: valueStart) { $0.isNotIn(ASCII.space, ASCII.delete - 1) }
        guard end > valueStart, end <= bytes.count &- 2, bytes.pair(at: end) == "\r\n" else { return nil }
        guard bytes[valueStart] != ASCII.space, bytes[end &- 1] != ASCII.space else { return nil }
        var known = names.field(head, count: nameCount)
        if known == .other, FoldedName.mayBeIdentity(bytes[start]) {
            known = FoldedName(head, bytes, start, nameEnd).isIdentity ? .identity : .other
        }
        let name = ByteSlice(start, nameEnd)
        return (Field(name: name, value: ByteSlice(valueStart, end), known: known, isCanonical: true), end)
    }

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
        let isSpaced = value.lowerBound == nameEnd &+ 2 && bytes[nameEnd &+ 1] == ASCII.space
        field = Field(
            name: ByteSlice(start, nameEnd),
            value: ByteSlice(value.lowerBound, value.upperBound),
            known: known,
            isCanonical: isSpaced && value.upperBound == end
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
