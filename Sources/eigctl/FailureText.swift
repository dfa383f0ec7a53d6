// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Shows failures and findings to people.
struct FailureText {
    let usesColour: Bool

    func text(_ failure: Failure) -> String {
        var lines = failure.diagnostics.map(text).joined()
        lines += "\(paint("eigctl", "1")): \(paint("error", "1;31")): \(failure.message.printable)\n"
        if let hint = failure.hint { lines += "  \(paint("hint", "1")): \(hint.printable)\n" }
        return lines
    }

    /// A finding another program reported: it had the file, so there is no line of it to show.
    func text(_ item: DiagnosticItem) -> String {
        let place = [item.line, item.column].compactMap { $0 }.map { ":\($0)" }.joined()
        let colour = item.severity == "error" ? "1;31" : "1;33"
        var text = paint("\(item.file)\(place):", "1") + " \(paint(item.severity, colour)): "
        text += "\(item.message.printable) [\(item.code)]\n"
        if let hint = item.hint { text += "  \(paint("hint", "1")): \(hint.printable)\n" }
        return text
    }

    private func paint(_ text: String, _ code: String) -> String {
        usesColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
