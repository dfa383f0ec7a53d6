// SPDX-License-Identifier: Apache-2.0
package import Control

/// Why a verb ended without doing what it was asked, as it is shown and as it is written to JSON.
package struct Failure: Error, Hashable, Sendable {
    package var status: ExitCode
    /// Stable, for `--json`.
    package var code: String
    package var message: String
    /// What to do next.
    package var hint: String?
    package var diagnostics: [DiagnosticItem] = []

    package init(
        _ status: ExitCode = .error,
        code: String,
        message: String,
        hint: String? = nil,
        diagnostics: [DiagnosticItem] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.diagnostics = diagnostics
    }

    static func usage(_ message: String, hint: String? = nil) -> Failure {
        Failure(.usage, code: "usage", message: message, hint: hint)
    }

    var document: ErrorDocument {
        ErrorDocument(
            code: code,
            message: message,
            hint: hint,
            diagnostics: diagnostics.isEmpty ? nil : diagnostics
        )
    }
}
