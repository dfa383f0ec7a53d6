// SPDX-License-Identifier: Apache-2.0

/// A piece of ipsec.conf(5) text, cut as Libreswan's lexer cuts it.
struct ConfigurationToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Blanks at the start of a line that says something: what follows belongs to the section above.
        case indentation
        /// A keyword or the head of a section.
        case word(String)
        case equals
        /// `"…"`: without its quotes.
        case quoted(String)
        /// `{…}`: without its braces.
        case braced(String)
        /// Digits only, or `%forever`: a number to Libreswan, whatever the keyword expects.
        case number(String)
        /// Any other value.
        case bare(String)
        /// What follows `=` of a keyword that begins with `x-`, to the end of the line.
        case comment(String)
        case endOfLine
    }

    var kind: Kind
    var line: Int
}

/// Cuts ipsec.conf(5) text as the flex rules of Libreswan 4 and 5 do: the longest match wins, then the earlier rule.
///
/// Written from those rules and from what the installed program was seen to do, not from what we write: a keyword
/// that was smuggled into a value comes out of it as a keyword.
struct ConfigurationLexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var tokens: [ConfigurationToken] = []
    private var mode = Mode.words

    private enum Mode {
        case words
        /// After `=` and after `conn`: one value.
        case value
        /// After a word that begins with `x-`.
        case commentEquals
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func tokens(of bytes: [UInt8]) throws(ReadFailure) -> [ConfigurationToken] {
        var lexer = ConfigurationLexer(bytes)
        while lexer.index < bytes.count { try lexer.cutLine() }
        return lexer.tokens
    }

    private mutating func cutLine() throws(ReadFailure) {
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let text = bytes[index..<end]
        let isSilent = text.first { !Self.isBlank($0) }.map { $0 == UInt8(ascii: "#") } ?? true
        if !isSilent {
            if let first = text.first, Self.isBlank(first) { add(.indentation) }
            mode = .words
            while let next = bytes[index..<end].firstIndex(where: { !Self.isBlank($0) }) {
                index = next
                try cut(before: end)
            }
            // Libreswan takes the value from the next line then, or none: either way it is not what somebody meant.
            guard mode == .words else { throw ReadFailure(line: line, .syntax("an `=` or a `conn` without its value")) }
            add(.endOfLine)
        }
        index = end + 1
        line += 1
    }

    private mutating func cut(before end: Int) throws(ReadFailure) {
        switch mode {
        case .words: try cutWord(before: end)
        case .value: cutValue(before: end)
        case .commentEquals:
            guard bytes[index] == UInt8(ascii: "=") else {
                throw ReadFailure(line: line, .syntax("a comment keyword without `=`"))
            }
            add(.equals)
            add(.comment(text(index + 1..<end)))
            index = end
            mode = .words
        }
    }

    private mutating func cutWord(before end: Int) throws(ReadFailure) {
        switch bytes[index] {
        case UInt8(ascii: "="):
            add(.equals)
            index += 1
            mode = .value
        case UInt8(ascii: "\""): throw ReadFailure(line: line, .syntax("a quote where a keyword belongs"))
        default:
            let wordEnd = run(before: end) { !Self.isBlank($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"") }
            if bytes[index] == UInt8(ascii: "#"), wordEnd < end {
                // The rest of the line is longer than the word: a comment.
                index = end
                return
            }
            let word = text(index..<wordEnd)
            add(.word(word))
            index = wordEnd
            if word == "conn" { mode = .value }
            if word.hasPrefix("x-") || word.hasPrefix("X-") { mode = .commentEquals }
        }
    }

    private mutating func cutValue(before end: Int) {
        mode = .words
        let quote = UInt8(ascii: "\"")
        var best: (end: Int, kind: ConfigurationToken.Kind) = (index, .bare(""))
        // In the order of the rules: an equally long match does not replace an earlier one.
        func offer(_ matchEnd: Int, _ kind: (String) -> ConfigurationToken.Kind, trimming: Int = 0) {
            if matchEnd > best.end { best = (matchEnd, kind(text(index + trimming..<matchEnd - trimming))) }
        }
        offer(run(before: end) { (0x30...0x39).contains($0) }, ConfigurationToken.Kind.number)
        if text(index..<min(index + 8, end)) == "%forever" { offer(index + 8, ConfigurationToken.Kind.number) }
        if bytes[index] == quote, let close = bytes[(index + 1)..<end].firstIndex(of: quote) {
            offer(close + 1, ConfigurationToken.Kind.quoted, trimming: 1)
        }
        if bytes[index] == UInt8(ascii: "{") {
            let reach = bytes[index..<end].firstIndex(of: quote) ?? end
            if let close = bytes[index..<reach].lastIndex(of: UInt8(ascii: "}")) {
                offer(close + 1, ConfigurationToken.Kind.braced, trimming: 1)
            }
        }
        offer(run(before: end) { !Self.isBlank($0) && $0 != quote }, ConfigurationToken.Kind.bare)
        let brace = (open: UInt8(ascii: "{"), close: UInt8(ascii: "}"))
        offer(
            run(before: end) { !Self.isBlank($0) && $0 != brace.open && $0 != brace.close },
            ConfigurationToken.Kind.bare
        )
        // One of the two last takes the first byte, whatever it is.
        add(best.kind)
        index = best.end
    }

    /// Where the bytes from here on stop to fit.
    private func run(before end: Int, while fits: (UInt8) -> Bool) -> Int {
        bytes[index..<end].firstIndex { !fits($0) } ?? end
    }

    private mutating func add(_ kind: ConfigurationToken.Kind) {
        tokens.append(ConfigurationToken(kind: kind, line: line))
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
