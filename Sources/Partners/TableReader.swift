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

    // MARK: - Taking

    /// The raw value of a key; a missing one is reported when it is required.
    func take(_ key: String, required: Bool = false, mend: String? = nil) -> TOMLValue? {
        known.append(key)
        if let entry = table[key] { return entry.value }
        if required {
            let hint = mend ?? "add `\(key) = …`"
            report.add(.missingKey, at: position, "`\(key)` is missing\(place)", mend: hint)
        }
        return nil
    }

    func has(_ key: String) -> Bool { table[key] != nil }

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

    // MARK: - Lists and tables

    /// The items of a list, between `count.lowerBound` and `count.upperBound` of them.
    ///
    /// A list that may not be empty is required.
    func items(_ key: String, count: ClosedRange<Int>, example: String) -> [TOMLValue]? {
        guard let value = take(key, required: count.lowerBound > 0, mend: "add `\(key) = \(example)`") else {
            return nil
        }
        guard case .array(let items) = value.kind else {
            wrongType(key, value, wanted: "a list", example: example)
            return nil
        }
        guard count.contains(items.count) else {
            countWrong(key, items.count, count, at: value.position)
            return nil
        }
        return items
    }

    private func countWrong(_ name: String, _ given: Int, _ count: ClosedRange<Int>, at position: TOMLPosition) {
        let message = "`\(name)`\(place) has \(given) entries, outside \(count.lowerBound) to \(count.upperBound)"
        let hint = given < count.lowerBound ? "add at least \(count.lowerBound)" : "keep at most \(count.upperBound)"
        report.add(.count, at: position, message, mend: hint)
    }

    /// The strings of a list, each with a syntax of its own; the same one twice is refused.
    func list<Value: Hashable>(
        _ key: String,
        count: ClosedRange<Int>,
        example: String,
        _ parse: (Located<String>) -> Value?
    ) -> [Value]? {
        guard let items = items(key, count: count, example: "[\(example)]") else { return nil }
        var values: [Value] = []
        var seen: Set<Value> = []
        for item in items {
            guard case .string(let text) = item.kind else {
                let message = "`\(key)`\(place) must hold strings, not \(item.noun)"
                report.add(.type, at: item.position, message, mend: "write for example `\(key) = [\(example)]`")
                continue
            }
            guard let value = parse(Located(value: text, position: item.position)) else { continue }
            if seen.insert(value).inserted {
                values.append(value)
            } else {
                report.add(.repeated, at: item.position, "\(quoted(text)) is listed twice", mend: "keep it once")
            }
        }
        return values
    }

    /// The table of a key.
    func table(_ key: String, required: Bool = false) -> TableReader? {
        guard let value = take(key, required: required, mend: "add a table [\(key)]") else { return nil }
        guard case .table(let table) = value.kind else {
            report.add(.type, at: value.position, "`\(key)` must be a table, not \(value.noun)", mend: "write [\(key)]")
            return nil
        }
        return TableReader(table, at: value.position, title: "[\(key)]", report: report)
    }

    /// The list of tables of a key, written `[[key]]`.
    func tables(_ key: String, count: ClosedRange<Int>) -> [TableReader] {
        guard let value = take(key, required: count.lowerBound > 0, mend: "add at least one table [[\(key)]]") else {
            return []
        }
        guard case .array(let items) = value.kind else {
            let hint = "write [[\(key)]]"
            report.add(.type, at: value.position, "`\(key)` must be a list of tables, not \(value.noun)", mend: hint)
            return []
        }
        guard count.contains(items.count) else {
            countWrong(key, items.count, count, at: value.position)
            return []
        }
        return items.compactMap { item in
            if case .table(let table) = item.kind {
                return TableReader(table, at: item.position, title: "[[\(key)]]", report: report)
            }
            let hint = "write each entry as [[\(key)]]"
            report.add(.type, at: item.position, "`\(key)` must hold tables, not \(item.noun)", mend: hint)
            return nil
        }
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
