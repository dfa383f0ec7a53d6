// SPDX-License-Identifier: Apache-2.0

/// One finding about a configuration file.
package struct DiagnosticItem: Codable, Hashable, Sendable {
    /// Stable: `E-…` for errors, `W-…` for warnings.
    package var code: String
    /// `error` or `warning`.
    package var severity: String
    package var file: String
    /// From 1; nothing when the finding is about the whole file.
    package var line: Int?
    /// From 1, in characters.
    package var column: Int?
    package var message: String
    /// The mend.
    package var hint: String?

    package init(
        code: String,
        severity: String,
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        message: String,
        hint: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }
}

/// What a check of the configuration found.
package struct DiagnosticsDocument: ControlDocument {
    package var schema = controlSchema
    /// Whether there was no error; warnings leave it true.
    package var ok: Bool
    package var diagnostics: [DiagnosticItem]

    package init(_ diagnostics: [DiagnosticItem]) {
        self.diagnostics = diagnostics
        ok = !diagnostics.contains { $0.severity == "error" }
    }
}
