// SPDX-License-Identifier: Apache-2.0
internal import TOML

/// What is wrong with one file, collected while it is read: never only the first mistake.
///
/// Lives on one thread, for one load.
final class Report {
    let file: String
    private let lines: [Substring]
    private(set) var diagnostics: [Diagnostic] = []
    /// No file gets more; a file this wrong has one cause.
    private static let diagnosticsMax = 1000

    init(file: String, text: String = "") {
        self.file = file
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    }

    func add(_ code: DiagnosticCode, at position: TOMLPosition, _ message: String, mend hint: String) {
        guard diagnostics.count < Self.diagnosticsMax else { return }
        let index = position.line - 1
        diagnostics.append(
            Diagnostic(
                code: code,
                file: file,
                line: position.line,
                column: position.column,
                message: message,
                hint: hint,
                excerpt: lines.indices.contains(index) ? String(lines[index]) : ""
            )
        )
    }

    func add(_ code: DiagnosticCode, at origin: Origin, _ message: String, mend hint: String) {
        add(code, at: TOMLPosition(line: origin.line, column: origin.column), message, mend: hint)
    }

    func add(_ error: TOMLError) {
        let (code, hint): (DiagnosticCode, String) =
            switch error.kind {
            case .malformed: (.syntax, "write TOML 1.0: `key = value`, strings in double quotes")
            case .duplicate: (.duplicateKey, "keep one of the two; a list of tables is written [[name]]")
            case .tooLarge: (.syntax, "split the list over several lines or entries")
            }
        add(code, at: error.position, error.message, mend: hint)
    }
}
