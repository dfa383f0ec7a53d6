// SPDX-License-Identifier: Apache-2.0
internal import Control

extension Verb {
    /// `eigctl plan`: what `eigctl apply` would do.
    static let plan = Verb(
        "plan",
        summary: "show what apply would change, and change nothing",
        details: [
            "Checks the folder, then asks jumpd tunnels, jumpd enforce, eigd and jumpd gate what the files as they are now would change: "
                + "`+` is new, `-` goes, `~` becomes different, and what it interrupts is in brackets. The folder "
                + "is the one all of them read.",
            "Exit status 2 says that there is something to apply, 0 that there is nothing.",
        ],
        options: [Rollout.only],
        examples: ["eigctl plan", "eigctl plan --json", "eigctl plan --only enforce"]
    ) { invocation throws(Failure) in
        let (rollout, found) = try Rollout.begin(invocation)
        let document = ChangesDocument(isApplied: false, programs: try rollout.plan(), diagnostics: found.items)
        invocation.tell(document, document.text(isPlan: true, usesColour: invocation.console.usesColour))
        return document.isEmpty ? .ok : .pending
    }
}
