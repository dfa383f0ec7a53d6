// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// Replaces single values of a TOML text; every other byte of it stays, comments too.
///
/// The text must have been read without error: only then do the places it was given hold values. A comment inside a
/// list that is replaced goes with the list.
struct ValueEdit {
    private let scalars: [Unicode.Scalar]
    private let lineStarts: [Int]
    private var replacements: [(range: Range<Int>, text: String)] = []

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for (index, scalar) in scalars.enumerated() where scalar == "\n" { starts.append(index + 1) }
        lineStarts = starts
    }

    /// The whole text with every replacement made.
    var text: String {
        var output = String.UnicodeScalarView()
        var position = 0
        for (range, text) in replacements.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            output.append(contentsOf: scalars[position..<range.lowerBound])
            output.append(contentsOf: text.unicodeScalars)
            position = range.upperBound
        }
        output.append(contentsOf: scalars[position...])
        return String(output)
    }

    mutating func set(_ origin: Origin, to text: String) {
        let start = lineStarts[origin.line - 1] + origin.column - 1
        replacements.append((start..<end(of: start), text))
    }

    /// Puts `# ` before each line of the table that `origin` lies in, from its heading to the next one.
    mutating func commentOut(tableOf origin: Origin) {
        let lines = lineStarts.indices.map { line in lineStarts[line]..<(end(ofLine: line)) }
        var first = origin.line - 1
        while first > 0, !isHeading(lines[first]) { first -= 1 }
        var last = first + 1
        while last < lines.count, !isHeading(lines[last]) { last += 1 }
        for line in lines[first..<last] where !line.isEmpty && scalars[line].first != "#" {
            replacements.append((line.lowerBound..<line.lowerBound, "# "))
        }
    }

    private func isHeading(_ line: Range<Int>) -> Bool { scalars[line].drop { $0 == " " }.first == "[" }

    private func end(ofLine line: Int) -> Int {
        line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : scalars.count
    }

    /// Just behind the value that begins at `start`.
    private func end(of start: Int) -> Int {
        switch scalars[start] {
        case "\"", "'": return end(ofString: start)
        case "[", "{": return end(ofBracket: start)
        default:
            var end = start
            while end < scalars.count, !",]}#\n".unicodeScalars.contains(scalars[end]) { end += 1 }
            while end > start, scalars[end - 1].properties.isWhitespace { end -= 1 }
            return end
        }
    }

    private func end(ofString start: Int) -> Int {
        let quote = scalars[start]
        let isLong = start + 2 < scalars.count && scalars[start + 1] == quote && scalars[start + 2] == quote
        let fence = isLong ? 3 : 1
        var index = start + fence
        while index < scalars.count {
            if quote == "\"", scalars[index] == "\\" {
                index += 2
            } else if scalars[index...].prefix(fence).allSatisfy({ $0 == quote }) {
                index += fence
                // A long string may end in a quote or two of its own.
                while isLong, index < scalars.count, scalars[index] == quote { index += 1 }
                return index
            } else {
                index += 1
            }
        }
        return scalars.count
    }

    private func end(ofBracket start: Int) -> Int {
        var depth = 0
        var index = start
        while index < scalars.count {
            switch scalars[index] {
            case "\"", "'":
                index = end(ofString: index)
                continue
            case "#": while index + 1 < scalars.count, scalars[index + 1] != "\n" { index += 1 }
            case "[", "{": depth += 1
            case "]", "}":
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return scalars.count
    }
}
