// SPDX-License-Identifier: Apache-2.0
package import Control

/// What a reload that was taken, or would be, came to.
package struct ReloadOutcome: Sendable {
    package let warnings: [DiagnosticItem]
    /// What is different, or would be.
    package let changes: [ChangeItem]
    /// In force afterwards.
    package let generation: Int

    init(_ warnings: [DiagnosticItem], _ changes: [ChangeItem], _ generation: Int) {
        self.warnings = warnings
        self.changes = changes
        self.generation = generation
    }
}
