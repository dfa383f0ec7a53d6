// SPDX-License-Identifier: Apache-2.0

/// One consequence of the files as they are now.
package struct ChangeItem: Codable, Hashable, Sendable {
    package enum Sign: String, Codable, Hashable, Sendable {
        case add = "+"
        case remove = "-"
        case modify = "~"
    }

    package var sign: Sign
    /// The partner it concerns; nothing when it concerns the host.
    package var partner: String?
    /// The rest of the line: `allow 203.0.113.9 -> 8443`.
    package var text: String
    /// What it interrupts, if anything: `3 live connections will be cut`.
    package var disruption: String?

    package init(_ sign: Sign, partner: String? = nil, text: String, disruption: String? = nil) {
        self.sign = sign
        self.partner = partner
        self.text = text
        self.disruption = disruption
    }
}

/// The answer to a plan, an apply or a reload: what would change, or what has.
package struct ChangeDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// Whether `changes` have been made; false for a plan and for a check.
    package var isApplied: Bool
    package var changes: [ChangeItem]
    /// Warnings about the configuration.
    package var diagnostics: [DiagnosticItem]
    /// The configuration's number in this program: running for an apply, running still for a plan.
    package var generation: Int

    package init(isApplied: Bool, changes: [ChangeItem], diagnostics: [DiagnosticItem] = [], generation: Int) {
        self.isApplied = isApplied
        self.changes = changes
        self.diagnostics = diagnostics
        self.generation = generation
    }
}
