// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners

extension Verb {
    /// `eigctl status`: one screen.
    static let status = Verb(
        "status",
        operands: "[PARTNER]",
        operandCount: 0...1,
        summary: "show whether the edge is healthy, and what runs",
        details: [
            "The first line is the verdict, HEALTHY, ATTENTION or FAILING, with the reasons, worst first. Then "
                + "the units and the programs, partners, tunnels that are not up and known faults of Libreswan, backends, "
                + "listeners, the callback relay and its disk, what was dropped, and certificates, the first to end first. "
                + "With PARTNER, everything about that partner: "
                + "counters, refusals by reason, allow-list entries with their hits, tunnels, certificates. "
                + "Times are UTC.",
            "It works while a program is down, and starts none. A host with only one of the packages eigd and jumpd is judged "
                + "by that one, and the other is said not to be there; what is installed has to run.",
            "Exit status 0 says healthy, 2 that somebody should look (the kernel differs from what was applied, a "
                + "certificate ends within 30 days, callbacks are late or given up), 1 that something does not work. "
                + "For a PARTNER, 1 says that a program could not be asked, 2 that the kernel differs.",
        ],
        options: [.watch],
        examples: ["eigctl status", "eigctl status payfast", "eigctl status --watch=5", "eigctl status --json"]
    ) { invocation throws(Failure) in
        try Watch.run(invocation) { now throws(Failure) in try show(invocation, now: now) }
    }

    private static func show(_ invocation: Invocation, now: WallInstant) throws(Failure) -> Look {
        var overview = OverviewDocument.gather(invocation, now: now)
        let usesColour = invocation.console.usesColour
        guard let id = invocation.operands.first else {
            return look(overview, StatusScreen(overview, usesColour: usesColour).text)
        }
        let known = overview.partnerIDs
        guard known.contains(id) else {
            guard overview.eigd != nil || overview.enforce != nil || overview.tunnels != nil else {
                let error = overview.eigdError ?? overview.enforceError
                throw Failure(code: "unreachable", message: error?.message ?? "eigd: no answer", hint: error?.hint)
            }
            let nearest = Spelling.nearest(to: id, among: known).map { "did you mean \($0)?" }
            let hint = nearest ?? "`eigctl status` lists the partners that run"
            throw Failure(code: "no_such_partner", message: "there is no partner \(id.printable)", hint: hint)
        }
        overview.narrow(to: id)
        return look(overview, PartnerScreen(overview, id: id, usesColour: usesColour).text)
    }

    private static func look(_ overview: OverviewDocument, _ text: String) -> Look {
        Look(text: text, json: String(decoding: overview.json, as: UTF8.self), exitCode: overview.exitCode)
    }
}
