// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Shows diagnostics to people and to programs.
package struct DiagnosticRenderer: Sendable {
    /// Whether to use ANSI colours; the caller knows whether anybody sees them.
    package var usesColour: Bool

    package init(usesColour: Bool = false) { self.usesColour = usesColour }

    /// The place and the message, the line of the file, a caret under the place, and the mend; ends with a newline.
    package func text(_ diagnostic: Diagnostic) -> String {
        let place = "\(printable(diagnostic.file)):\(diagnostic.line):\(diagnostic.column): "
        let severity = paint(diagnostic.severity.rawValue, diagnostic.severity == .error ? .red : .yellow)
        var lines = [
            "\(paint(place, .bold))\(severity): \(printable(diagnostic.message)) [\(diagnostic.code.rawValue)]"
        ]
        if !diagnostic.excerpt.isEmpty {
            let gutter = String(diagnostic.line)
            lines.append(" \(gutter) | \(printable(diagnostic.excerpt))")
            let blank = String(repeating: " ", count: gutter.utf8.count)
            lines.append(" \(blank) | \(indent(diagnostic))\(paint("^", .green))")
        }
        if !diagnostic.hint.isEmpty { lines.append("  \(paint("hint", .bold)): \(printable(diagnostic.hint))") }
        return lines.map { $0 + "\n" }.joined()
    }

    package func text(_ diagnostics: [Diagnostic]) -> String { diagnostics.map(text).joined() }

    /// Tabs stay tabs, so that the caret stands under its character wherever tabs stop.
    private func indent(_ diagnostic: Diagnostic) -> String {
        let before = diagnostic.excerpt.unicodeScalars.prefix(max(diagnostic.column - 1, 0))
        return before.map { $0 == "\t" ? "\t" : " " }.joined()
    }

    /// Control characters of a file, of its name or of its keys never reach the terminal.
    private func printable(_ line: String) -> String {
        line.unicodeScalars.map { scalar in
            scalar != "\t" && scalar.properties.generalCategory == .control ? "?" : String(scalar)
        }.joined()
    }

    private enum Colour: String {
        case bold = "\u{1b}[1m"
        case red = "\u{1b}[1;31m"
        case yellow = "\u{1b}[1;33m"
        case green = "\u{1b}[1;32m"
    }

    private func paint(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\(colour.rawValue)\(text)\u{1b}[0m" : text
    }
}

/// The JSON form of a check, schema `eig/1`.
package struct DiagnosticDocument: Encodable, Sendable {
    package let schema = "eig/1"
    package let ok: Bool
    package let diagnostics: [Diagnostic]

    private enum CodingKeys: String, CodingKey {
        case schema, ok, diagnostics
    }

    /// Warnings alone are ok.
    package init(_ diagnostics: [Diagnostic]) {
        ok = !diagnostics.hasErrors
        self.diagnostics = diagnostics
    }

    /// One line, keys in alphabetical order, no newline at the end.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, numbers and booleans always encode; an empty answer would be a bug seen at once.
        guard let bytes = try? encoder.encode(self) else { return [] }
        return Array(bytes)
    }
}

extension Diagnostic: Encodable {
    private enum CodingKeys: String, CodingKey {
        case code, severity, file, line, column, message, hint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code.rawValue, forKey: .code)
        try container.encode(severity.rawValue, forKey: .severity)
        try container.encode(file, forKey: .file)
        try container.encode(line, forKey: .line)
        try container.encode(column, forKey: .column)
        try container.encode(message, forKey: .message)
        try container.encode(hint, forKey: .hint)
    }
}
