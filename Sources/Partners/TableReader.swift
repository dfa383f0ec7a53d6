// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// A value, and where it was written.
struct Located<Value> {
    let value: Value
    let position: TOMLPosition
}

extension Located: Sendable where Value: Sendable {}

/// Takes the keys of one table strictly: each is asked for by name and kind, and ``close()`` refuses the rest.
///
/// A value that is wrong is reported and reads as absent, so that the rest of the file is still checked.
final class TableReader {
    let report: Report
    /// Where the table begins.
    let position: TOMLPosition
    /// How messages call it: `[limits]`, `[[allow]]`, or nothing for the file itself.
    let title: String
    private let table: TOMLTable
    private var known: [String] = []

    init(_ table: TOMLTable, at position: TOMLPosition, title: String, report: Report) {
        self.table = table
        self.position = position
        self.title = title
        self.report = report
    }

    var place: String { title.isEmpty ? "" : " in \(title)" }

    /// The raw value of a key; a missing one is reported when it is required.
    func take(_ key: String, required: Bool = false, mend: String? = nil) -> TOMLValue? {
        if has(key), let entry = table[key] { return entry.value }
        if required {
            let hint = mend ?? "add `\(key) = …`"
            report.add(.missingKey, at: position, "`\(key)` is missing\(place)", mend: hint)
        }
        return nil
    }

    /// Whether a key is there; it counts as asked for.
    func has(_ key: String) -> Bool {
        if !known.contains(key) { known.append(key) }
        return table[key] != nil
    }

    func wrongType(_ key: String, _ value: TOMLValue, wanted: String, example: String) {
        let message = "`\(key)`\(place) must be \(wanted), not \(value.noun)"
        report.add(.type, at: value.position, message, mend: "write `\(key) = \(example)`")
    }

    func string(_ key: String, required: Bool = false, example: String = "\"…\"") -> Located<String>? {
        guard let value = take(key, required: required, mend: "add `\(key) = \(example)`") else { return nil }
        guard case .string(let text) = value.kind else {
            wrongType(key, value, wanted: "a string", example: example)
            return nil
        }
        return Located(value: text, position: value.position)
    }

    /// A string with a syntax of its own; `rule` says which when it is not kept.
    func parsed<Value>(
        _ key: String,
        required: Bool = false,
        _ code: DiagnosticCode,
        _ rule: String,
        example: String,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = string(key, required: required, example: example) else { return nil }
        if let value = parse(text.value) { return value }
        let message = "`\(key)`\(place) is \(quoted(text.value)): \(rule)"
        report.add(code, at: text.position, message, mend: "write for example `\(key) = \(example)`")
        return nil
    }

    /// Words for people: 1 to 200 characters on one line.
    func phrase(_ key: String, required: Bool = true, example: String) -> String? {
        let rule = "it must be 1 to 200 characters on one line"
        return parsed(key, required: required, .text, rule, example: example) { text in
            let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            return (1...200).contains(text.count) && text.contains { !$0.isWhitespace } && isPlain ? text : nil
        }
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice? where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        guard let text = string(key, example: quoted(words[0])) else { return nil }
        if let choice = Choice(rawValue: text.value) { return choice }
        badChoice(key, text, among: words)
        return nil
    }

    func badChoice(_ key: String, _ text: Located<String>, among words: [String]) {
        let message = "`\(key)`\(place) cannot be \(quoted(text.value))"
        let near = Spelling.nearest(to: text.value, among: words)
        let hint =
            near.map { "did you mean \(quoted($0))?" } ?? "write one of \(words.map(quoted).joined(separator: ", "))"
        report.add(.choice, at: text.position, message, mend: hint)
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = take(key) else { return nil }
        guard case .integer(let number) = value.kind else {
            wrongType(key, value, wanted: "a whole number", example: "\(range.lowerBound)")
            return nil
        }
        guard let number = Int(exactly: number), range.contains(number) else {
            let message = "`\(key)`\(place) is \(number), outside \(range.lowerBound) to \(range.upperBound)"
            report.add(
                .range,
                at: value.position,
                message,
                mend: "write a number from \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        return number
    }

    func boolean(_ key: String) -> Bool? {
        guard let value = take(key) else { return nil }
        guard case .boolean(let isTrue) = value.kind else {
            wrongType(key, value, wanted: "true or false", example: "true")
            return nil
        }
        return isTrue
    }

    func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let value = take(key) else { return nil }
        return duration(value, key: key, in: range)
    }

    func duration(_ value: TOMLValue, key: String, in range: ClosedRange<Duration>) -> Duration? {
        guard case .string(let text) = value.kind else {
            wrongType(key, value, wanted: "a duration in quotes", example: quoted(range.lowerBound.text))
            return nil
        }
        guard let duration = Duration(text) else {
            let message = "`\(key)`\(place) is \(quoted(text)), which is not a duration"
            let hint = "write a whole number and a unit: \"250ms\", \"15s\", \"5m\", \"72h\", \"30d\""
            report.add(.duration, at: value.position, message, mend: hint)
            return nil
        }
        guard range.contains(duration) else {
            let bounds = "\(range.lowerBound.text) to \(range.upperBound.text)"
            let message = "`\(key)`\(place) is \(duration.text), outside \(bounds)"
            report.add(.range, at: value.position, message, mend: "write a duration from \(bounds)")
            return nil
        }
        return duration
    }

    /// Refuses every key that nobody asked for.
    func close() {
        for entry in table.entries where !known.contains(entry.key) {
            let near = Spelling.nearest(to: entry.key, among: known)
            let hint =
                near.map { "did you mean `\($0)`?" } ?? "remove it; the keys here are \(known.joined(separator: ", "))"
            report.add(.unknownKey, at: entry.keyPosition, "unknown key `\(entry.key)`\(place)", mend: hint)
        }
    }
}

/// The text in double quotes, cut to what a message can carry; control characters become `?`.
func quoted(_ text: String) -> String {
    let shown = text.prefix(80)
    let plain = shown.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : String($0) }.joined()
    return "\"\(plain)\(shown.count < text.count ? "…" : "")\""
}
