// SPDX-License-Identifier: Apache-2.0
internal import Control

extension Verb {
    private static let strict = OptionRule("--strict", "fail on warnings, too")

    /// `eigctl check`: offline, as any user who may read the files.
    static let check = Verb(
        "check",
        operands: "[FILE…]",
        operandCount: 0...10_000,
        summary: "check the configuration without asking or changing anything",
        details: [
            "Without FILE the whole folder is checked: eigd.toml, jumpd.toml, every partner file, the "
                + "certificates, keys and secrets they name, and each partner against the others. With FILE only "
                + "those are: a file called eigd.toml, jumpd.toml or jump.toml as such, any other as a partner file.",
            "Findings go to standard error with file, line, column, the line itself, and how to mend it. "
                + "Nothing is written when nothing is wrong.",
        ],
        options: [strict],
        examples: ["eigctl check", "eigctl check partners.d/payfast.toml", "eigctl check --config ./etc --json"]
    ) { invocation throws(Failure) in
        let found =
            try invocation.operands.isEmpty
            ? LocalCheck.folder(invocation.folder, now: invocation.now)
            : LocalCheck.files(invocation.operands)
        var document = DiagnosticsDocument(found.items)
        if invocation.has(strict), !found.diagnostics.isEmpty { document.ok = false }
        found.show(invocation)
        invocation.tell(document, "")
        return document.ok ? .ok : .error
    }
}
