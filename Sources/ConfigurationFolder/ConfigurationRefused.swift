// SPDX-License-Identifier: Apache-2.0
package import Control
package import Partners

/// Why a configuration was not taken; the running one, if any, is as it was.
package struct ConfigurationRefused: Error, Sendable, CustomStringConvertible {
    package let diagnostics: [DiagnosticItem]
    /// The diagnostics as text for people: place, line, caret, mend.
    package let text: String

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics.map { DiagnosticItem($0) }
        text = DiagnosticRenderer().text(diagnostics)
    }

    /// One finding that no line of a configuration file is to blame for.
    package init(file: String, message: String, hint: String) {
        diagnostics = [DiagnosticItem(code: "E-TLS", severity: "error", file: file, message: message, hint: hint)]
        text = "\(file): error: \(message) [E-TLS]\nhint: \(hint)\n"
    }

    /// The first error, in one line; warnings refuse nothing.
    package var description: String {
        guard let first = diagnostics.first(where: { $0.severity == "error" }) ?? diagnostics.first else {
            return "refused"
        }
        let place = first.line.map { ":\($0)" } ?? ""
        let rest = diagnostics.count > 1 ? " (and \(diagnostics.count - 1) more)" : ""
        return "\(first.file)\(place): \(first.message) [\(first.code)]\(rest)"
    }
}

extension DiagnosticItem {
    /// What was found in a file, as documents have it.
    package init(_ diagnostic: Diagnostic) {
        self.init(
            code: diagnostic.code.rawValue,
            severity: diagnostic.severity.rawValue,
            file: diagnostic.file,
            line: diagnostic.line > 0 ? diagnostic.line : nil,
            column: diagnostic.column > 0 ? diagnostic.column : nil,
            message: diagnostic.message,
            hint: diagnostic.hint.isEmpty ? nil : diagnostic.hint
        )
    }
}
