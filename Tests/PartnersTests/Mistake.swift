// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

/// A good file with one edit that makes it wrong, and what the lint must say about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let code: DiagnosticCode
    let old: String
    let new: String
    /// The text on whose first occurrence in the edited file the caret must stand.
    let caret: String
    /// What the mend must contain.
    let hint: String

    init(_ code: DiagnosticCode, _ old: String, _ new: String, at caret: String, hint: String = "") {
        self.code = code
        self.old = old
        self.new = new
        self.caret = caret
        self.hint = hint
    }

    var testDescription: String { "\(code.rawValue): \(new.split(separator: "\n").first ?? "(nothing)")" }

    /// Further edits, made after the first one.
    private(set) var others: [(old: String, new: String)] = []

    func with(_ old: String, _ new: String) -> Mistake {
        var mistake = self
        mistake.others.append((old, new))
        return mistake
    }

    /// The base text with the edits made; each must apply exactly once.
    func edited(_ base: String) -> String {
        var text = base
        for (old, new) in [(old, new)] + others {
            let parts = text.components(separatedBy: old)
            #expect(parts.count == 2, "\(old.debugDescription) must occur once")
            text = parts.joined(separator: new)
        }
        return text
    }

    /// Line and column of the caret, from 1.
    func place(in text: String) -> (line: Int, column: Int)? {
        guard let found = text.firstRange(of: caret) else { return nil }
        let lines = String(text[..<found.lowerBound]).components(separatedBy: "\n")
        return (lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1)
    }

    /// Exactly this one diagnostic, exactly there.
    func expect(_ diagnostics: [Diagnostic], in text: String) {
        let place = place(in: text)
        #expect(place != nil, "\(caret.debugDescription) is not in the text")
        #expect(diagnostics.map(\.code) == [code], "\(diagnostics)")
        guard let found = diagnostics.first else { return }
        #expect(found.line == place?.line)
        #expect(found.column == place?.column)
        #expect(found.hint.contains(hint), "\(found.hint)")
        #expect(!found.hint.isEmpty && !found.message.hasSuffix("."))
        #expect(found.excerpt == text.components(separatedBy: "\n")[found.line - 1])
    }
}

extension String {
    /// As Foundation's, without it.
    func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
