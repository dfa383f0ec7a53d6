// SPDX-License-Identifier: Apache-2.0
package import Control

/// What `eigctl plan` and `eigctl apply` write for `--json`.
package struct ChangesDocument: ControlDocument {
    package struct Part: Codable, Hashable, Sendable {
        /// `eigd` or `jumpd enforce`.
        package var program: String
        package var generation: Int
        package var isApplied: Bool
        package var changes: [ChangeItem]

        init(_ program: Program, _ answer: ChangeDocument) {
            self.program = program.name
            generation = answer.generation
            isApplied = answer.isApplied
            changes = answer.changes
        }
    }

    package var schema = controlSchema
    package var ok = true
    package var isApplied: Bool
    package var programs: [Part]
    /// Warnings about the configuration.
    package var diagnostics: [DiagnosticItem]

    var isEmpty: Bool { programs.allSatisfy { $0.changes.isEmpty } }

    /// One line a change, disruption in brackets, by program.
    func text(isPlan: Bool, usesColour: Bool) -> String {
        programs.filter { !$0.changes.isEmpty }.map { part in
            let lines = part.changes.map { line($0, usesColour: usesColour) }
            let head = isPlan ? "\(part.program) would change:" : "\(part.program) changed:"
            return ([head] + lines).map { $0 + "\n" }.joined()
        }.joined()
    }

    private func line(_ change: ChangeItem, usesColour: Bool) -> String {
        let colours: [ChangeItem.Sign: String] = [.add: "32", .remove: "31", .modify: "33"]
        let sign = change.sign.rawValue
        let painted = usesColour ? "\u{1b}[\(colours[change.sign, default: "0"])m\(sign)\u{1b}[0m" : sign
        let partner = change.partner.map { "\($0.printable): " } ?? ""
        let disruption = change.disruption.map { " (\($0.printable))" } ?? ""
        return "  \(painted) \(partner)\(change.text.printable)\(disruption)"
    }
}
