// SPDX-License-Identifier: Apache-2.0

/// One thing eigctl does: what its help says and what it runs.
package struct Verb: Sendable {
    /// What is typed: `["callbacks", "list"]`.
    package let words: [String]
    /// The operands as the synopsis shows them, such as `[FILE…]`; empty for none.
    package let operands: String
    package let operandCount: ClosedRange<Int>
    /// One line, lower case, without a full stop.
    package let summary: String
    /// Paragraphs, each one string.
    package let details: [String]
    /// Its own options, besides the common ones.
    package let options: [OptionRule]
    /// Whole command lines.
    package let examples: [String]
    let run: @Sendable (Invocation) throws(Failure) -> ExitCode

    init(
        _ words: String,
        operands: String = "",
        operandCount: ClosedRange<Int> = 0...0,
        summary: String,
        details: [String],
        options: [OptionRule] = [],
        examples: [String],
        run: @escaping @Sendable (Invocation) throws(Failure) -> ExitCode
    ) {
        self.words = words.split(separator: " ").map(String.init)
        self.operands = operands
        self.operandCount = operandCount
        self.summary = summary
        self.details = details
        self.options = options
        self.examples = examples
        self.run = run
    }

    package var name: String { words.joined(separator: " ") }

    /// Every verb, in the order of help.
    package static let all: [Verb] = [
        setup, check, plan, apply, status, metrics,
        tunnelStatus, tunnelHistory, tunnelUp, tunnelDown, tunnelRestart, tunnelExport,
        jumpConnect, jumpForward, jumpSSHConfig, jumpTargets, jumpWhoami, jumpSessions, jumpKill, jumpBreakGlass,
        jumpUnlock,
        grantRequest, grantList, grantApprove, grantDeny, grantRevoke, grantClose, review,
        callbacksList, callbacksShow, callbacksReplay, callbacksRelease, callbacksDead,
        certList, certExpiring, certRequest, credential, backup, restore,
        auditTail, auditShow, auditVerify, auditExport,
        supportBundle,
    ]

    package static func named(_ words: [String]) -> Verb? { all.first { $0.words == words } }
}
