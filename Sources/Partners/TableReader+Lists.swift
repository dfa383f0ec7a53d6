// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Lists of values, tables and lists of tables.
extension TableReader {
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
}
