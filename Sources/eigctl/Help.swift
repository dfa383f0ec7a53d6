// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What `--help` shows, made of the same tables the command line is read by.
package enum Help {
    static func pointer(_ words: [String]) -> String {
        "see `\((["eigctl"] + words + ["--help"]).joined(separator: " "))`"
    }

    package static var version: String { "eigctl \(productVersion)\n" }

    /// All verbs that begin with `words`; every verb for none.
    package static func overview(_ words: [String] = []) -> String {
        let verbs = Verb.all.filter { $0.words.starts(with: words) }
        let synopses = verbs.map { verb in (verb.name + " " + verb.operands, verb.summary) }
        var text = "Usage: \((["eigctl"] + words + ["VERB [OPTION…]"]).joined(separator: " "))\n"
        if words.isEmpty { text += "\nOperates the partner edge: eigd, jumpd, and the way in for administrators.\n" }
        text += "\nVerbs:\n" + columns(synopses) + "\nOptions of every verb:\n" + options(OptionRule.common)
        text += "\n" + exits + "\n`eigctl VERB --help` says more. See eigctl(1).\n"
        return text
    }

    package static func text(_ verb: Verb) -> String {
        let operands = verb.operands.isEmpty ? "" : " \(verb.operands)"
        var text = "Usage: eigctl \(verb.name)\(operands) [OPTION…]\n\n"
        text += wrapped(verb.summary.prefix(1).uppercased() + verb.summary.dropFirst() + ".") + "\n"
        for paragraph in verb.details { text += wrapped(paragraph) + "\n" }
        if !verb.options.isEmpty { text += "Options:\n" + options(verb.options) + "\n" }
        text += "Options of every verb:\n" + options(OptionRule.common)
        text += "\nExamples:\n" + verb.examples.map { "  \($0)\n" }.joined()
        return text
    }

    private static let exits = """
        Exit status: 0 done or nothing to do, 1 error, 2 something to apply or to look at,
        3 not obeyed, 4 stale or locked, 64 wrong usage.

        """

    private static func options(_ rules: [OptionRule]) -> String { columns(rules.map { ($0.label, $0.summary) }) }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { row in
            "  \(row.0)\(String(repeating: " ", count: width - row.0.count))  \(row.1)\n"
        }.joined()
    }

    /// At most 80 columns, with a newline.
    private static func wrapped(_ paragraph: some StringProtocol) -> String {
        var lines: [String] = []
        var line = ""
        for word in paragraph.split(separator: " ") {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= 80 {
                line += " \(word)"
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}
