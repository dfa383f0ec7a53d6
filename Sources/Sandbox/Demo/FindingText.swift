// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How findings are printed: a few lines as each is made, and a table of all at the end.
package enum FindingText {
    private static let width = 112

    package static func lines(_ finding: Finding) -> String {
        let time = finding.milliseconds.map { "\($0) ms" } ?? ""
        let first = [
            pad(finding.label, 3), pad(finding.route, 28), pad(finding.outcome, 5), pad(time, 8, right: true),
            finding.id ?? "",
        ].joined(separator: " ")
        var lines = [trimmed(first), "      \(finding.what)"]
        lines += finding.evidence.map { "      ✓ \($0)" }
        lines += finding.missing.map { "      ✗ not observed: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    package static func table(_ findings: [Finding], elapsed: Duration) -> String {
        let rows = findings.map { finding in
            [
                finding.label, finding.route, finding.what, finding.outcome,
                finding.milliseconds.map(String.init) ?? "-", finding.isObserved ? "yes" : "NO",
            ]
        }
        let head = ["", "who → who", "what", "status", "ms", "observed"]
        var widths = head.map(\.count)
        for row in rows { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
        let text = ([head] + rows).map { row in
            trimmed(row.enumerated().map { pad($1, widths[$0], right: $0 == 4) }.joined(separator: "  "))
        }
        let rule = String(repeating: "─", count: min(width, widths.reduce(0, +) + 2 * (widths.count - 1)))
        let seenCount = findings.filter(\.isObserved).count
        let seconds = Double(elapsed.milliseconds / 100) / 10
        return ([text[0], rule] + text.dropFirst() + [rule]).joined(separator: "\n")
            + "\n\(seenCount) of \(findings.count) observed at the receiving end, in \(seconds) s\n"
    }

    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return right ? blanks + text : text + blanks
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
