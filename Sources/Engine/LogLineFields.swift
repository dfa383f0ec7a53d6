// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The parts of one log line that the journal finds entries by: a look over the line as ``JSONWriter`` wrote it.
struct LogLineFields {
    /// Where the text of each is in the line; nothing where the line has none, or one with escapes.
    private(set) var event: Range<Int>?
    private(set) var partner: Range<Int>?
    private(set) var request: Range<Int>?
    private(set) var reason: Range<Int>?

    /// - Parameter line: one flat object, without a space between its tokens and without the newline.
    init(_ line: Span<UInt8>) {
        var position = 1
        while position < line.count, line[position] == UInt8(ascii: "\"") {
            let (key, afterKey, _) = Self.text(line, from: position)
            guard afterKey < line.count, line[afterKey] == UInt8(ascii: ":") else { return }
            position = afterKey + 1
            guard position < line.count else { return }
            if line[position] == UInt8(ascii: "\"") {
                let (value, next, isPlain) = Self.text(line, from: position)
                if isPlain { note(line, key, value) }
                position = next
            } else {
                while position < line.count, line[position] != UInt8(ascii: ",") { position += 1 }
            }
            // The comma.
            position += 1
        }
    }

    private mutating func note(_ line: Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>) {
        switch key.count {
        case 5 where Self.equal(line, key, "event"): event = value
        case 6 where Self.equal(line, key, "reason"): reason = value
        case 7 where Self.equal(line, key, "partner"): partner = value
        case 7 where Self.equal(line, key, "request"): request = value
        // To a partner a delivery goes under its name: `partner:payfast`.
        case 11 where Self.equal(line, key, "destination"):
            let kind = value.prefix(8)
            if Self.equal(line, kind, "partner:") { partner = kind.upperBound..<value.upperBound }
        default: break
        }
    }

    /// The text that begins with the quotation mark at `start`, and what is behind its end.
    private static func text(_ line: Span<UInt8>, from start: Int) -> (text: Range<Int>, next: Int, isPlain: Bool) {
        var position = start + 1
        var isPlain = true
        while position < line.count, line[position] != UInt8(ascii: "\"") {
            if line[position] == UInt8(ascii: "\\") {
                isPlain = false
                position += 1
            }
            position += 1
        }
        let end = min(position, line.count)
        return (start + 1..<end, end + 1, isPlain)
    }

    static func equal(_ line: Span<UInt8>, _ range: Range<Int>, _ word: String) -> Bool {
        let expected = word.utf8
        guard range.count == expected.count else { return false }
        for (index, byte) in zip(range, expected) where line[index] != byte { return false }
        return true
    }
}
