// SPDX-License-Identifier: Apache-2.0
internal import Control

extension Verb {
    /// `eigctl apply`: the files as they are now become what runs.
    static let apply = Verb(
        "apply",
        summary: "make the configuration as it is now the one that runs",
        details: [
            "Checks the folder, asks jumpd tunnels, jumpd enforce, eigd and jumpd gate whether they would take it, and only "
                + "when all agree applies it: first new and changed tunnels, then the kernel's allow-list, then eigd, "
                + "then the gate, and last the tunnels that go. If anything is wrong before that, nothing changes anywhere.",
            "jumpd tunnels is asked only where a partner has a tunnel or had one, jumpd gate only where jumpd.toml has a "
                + "gate and its socket is there.",
            "If a program refuses after all, what stands is said, and what to do.",
        ],
        options: [Rollout.only],
        examples: ["eigctl apply", "eigctl apply --json", "eigctl apply --only eigd"]
    ) { invocation throws(Failure) in
        let (rollout, found) = try Rollout.begin(invocation)
        do throws(Failure) {
            _ = try rollout.plan()
        } catch {
            throw error.explained("nothing was changed")
        }
        let document = ChangesDocument(isApplied: true, programs: try rollout.apply(), diagnostics: found.items)
        invocation.tell(document, document.text(isPlan: false, usesColour: invocation.console.usesColour))
        return .ok
    }
}
