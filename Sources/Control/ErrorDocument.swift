// SPDX-License-Identifier: Apache-2.0

/// Why a request was refused, and what to do about it.
package struct ErrorDocument: ControlDocument {
    package struct Failure: Codable, Hashable, Sendable {
        /// Stable, lower case with underscores: `not_found`, `configuration_refused`.
        package var code: String
        package var message: String
        /// The mend, when there is one.
        package var hint: String?

        package init(code: String, message: String, hint: String? = nil) {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    package var schema = controlSchema
    package var ok = false
    package var error: Failure
    /// What is wrong with the configuration, where that is the reason.
    package var diagnostics: [DiagnosticItem]?

    package init(code: String, message: String, hint: String? = nil, diagnostics: [DiagnosticItem]? = nil) {
        error = Failure(code: code, message: message, hint: hint)
        self.diagnostics = diagnostics
    }
}
