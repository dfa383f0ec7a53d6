// SPDX-License-Identifier: Apache-2.0

/// Rows under a heading, in columns as wide as they need to be.
struct TextTable {
    enum Alignment {
        case left
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: [(String, Alignment)]) { self.columns = columns }

    /// - Precondition: one cell for each column; an empty one shows as `-`.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { $0.isEmpty ? "-" : $0.printable })
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Nothing at all without rows: a heading over nothing says nothing.
    func text(usesColour: Bool) -> String {
        guard !rows.isEmpty else { return "" }
        let titles = columns.map(\.title)
        let widths = columns.indices.map { index in ([titles] + rows).map { $0[index].count }.max() ?? 0 }
        let heading = line(titles, widths)
        let lines = [usesColour ? "\u{1b}[1m\(heading)\u{1b}[0m" : heading] + rows.map { line($0, widths) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.indices.map { index in
            let space = String(repeating: " ", count: widths[index] - cells[index].count)
            return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
        }
        let line = padded.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

/// Numbers and times as people read them.
enum Shown {
    /// `1,234,567`.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `2026-11-21 12:30:00` from RFC 3339 text in UTC; anything else as it is.
    static func instant(_ text: String?) -> String {
        guard let text else { return "" }
        guard text.count >= 20, text.hasSuffix("Z") else { return text }
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }

    /// The two largest units: `3d 4h`, `12m 5s`, `0s`.
    static func age(seconds: Int) -> String {
        let units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        var rest = max(0, seconds)
        var parts: [String] = []
        for (unit, length) in units {
            if rest >= length { parts.append("\(rest / length)\(unit)") } else if !parts.isEmpty { parts.append("") }
            rest %= length
        }
        return parts.isEmpty ? "0s" : parts.prefix(2).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// `812 B`, `4.2 KiB`, `3.0 GiB`.
    static func bytes(_ value: Int) -> String {
        var tenths = value * 10
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if tenths < 10_240 { return unit == "B" ? "\(value) B" : "\(tenths / 10).\(tenths % 10) \(unit)" }
            tenths /= 1024
        }
        return "\(tenths / 10).\(tenths % 10) TiB"
    }
}
