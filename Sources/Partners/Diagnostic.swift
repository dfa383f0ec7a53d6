// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong, or doubtful, with the configuration: where, what, and how to mend it.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable {
        /// Nothing is applied while there is one.
        case error
        case warning
    }

    package let code: DiagnosticCode
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in code points.
    package let column: Int
    /// What is wrong, in one sentence without a full stop.
    package let message: String
    /// The mend, in one sentence without a full stop.
    package let hint: String
    /// The line of the file, for people; empty when there is none.
    package let excerpt: String

    package var severity: Severity { code.severity }

    package init(
        code: DiagnosticCode,
        file: String,
        line: Int,
        column: Int,
        message: String,
        hint: String,
        excerpt: String
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
        self.excerpt = excerpt
    }
}

extension Diagnostic: Comparable {
    /// By file, then by place, then by code.
    package static func < (left: Self, right: Self) -> Bool {
        left.file == right.file
            ? (left.line, left.column, left.code.rawValue) < (right.line, right.column, right.code.rawValue)
            : left.file < right.file
    }
}

extension Sequence<Diagnostic> {
    package var hasErrors: Bool { contains { $0.severity == .error } }
}
