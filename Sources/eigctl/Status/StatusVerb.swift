// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners

extension Verb {
    private static let watch = OptionRule(
        "--watch",
        value: "SECONDS",
        isValueOptional: true,
        "show it again every so often, 1 to 3600 s, until q or Ctrl-C [2]"
    )

    /// `eigctl status`: one screen.
    static let status = Verb(
        "status",
        operands: "[PARTNER]",
        operandCount: 0...1,
        summary: "show whether the edge is healthy, and what runs",
        details: [
            "The first line is the verdict, HEALTHY, ATTENTION or FAILING, with the reasons, worst first. Then "
                + "the units and both programs, partners, backends, listeners, the callback relay and its disk, what was "
                + "dropped, and certificates, the first to end first. With PARTNER, everything about that partner: "
                + "counters, refusals by reason, allow-list entries with their hits, tunnels, certificates. "
                + "Times are UTC.",
            "It works while a program is down, and starts none. A host with only one of the packages eigd and jumpd is judged "
                + "by that one, and the other is said not to be there; what is installed has to run.",
            "Exit status 0 says healthy, 2 that somebody should look (the kernel differs from what was applied, a "
                + "certificate ends within 30 days, callbacks are late or given up), 1 that something does not work. "
                + "For a PARTNER, 1 says that a program could not be asked, 2 that the kernel differs.",
        ],
        options: [watch],
        examples: ["eigctl status", "eigctl status payfast", "eigctl status --watch=5", "eigctl status --json"]
    ) { invocation throws(Failure) in
        guard let text = invocation.value(watch) else {
            return try show(invocation, now: invocation.now).tell(invocation)
        }
        guard let seconds = text.isEmpty ? 2 : Int(text), (1...3600).contains(seconds) else {
            throw .usage("`--watch` is `\(text.printable)`", hint: "write a number of seconds from 1 to 3600")
        }
        var result: Result<ExitCode, Failure> = .success(.ok)
        invocation.console.repeatedly(.seconds(seconds)) { elapsed in
            do throws(Failure) {
                let shown = try show(invocation, now: invocation.now + elapsed)
                result = .success(shown.overview.exitCode)
                return invocation.isJSON ? shown.json : shown.text
            } catch {
                result = .failure(error)
                return nil
            }
        }
        return try result.get()
    }

    private struct Shown {
        let overview: OverviewDocument
        let text: String

        var json: String { String(decoding: overview.json, as: UTF8.self) }

        func tell(_ invocation: Invocation) -> ExitCode {
            invocation.tell(overview, text)
            return overview.exitCode
        }
    }

    private static func show(_ invocation: Invocation, now: WallInstant) throws(Failure) -> Shown {
        var overview = OverviewDocument.gather(invocation, now: now)
        let usesColour = invocation.console.usesColour
        guard let id = invocation.operands.first else {
            return Shown(overview: overview, text: StatusScreen(overview, usesColour: usesColour).text)
        }
        let known = overview.partnerIDs
        guard known.contains(id) else {
            guard overview.eigd != nil || overview.enforce != nil else {
                let error = overview.eigdError ?? overview.enforceError
                throw Failure(code: "unreachable", message: error?.message ?? "eigd: no answer", hint: error?.hint)
            }
            let nearest = Spelling.nearest(to: id, among: known).map { "did you mean \($0)?" }
            let hint = nearest ?? "`eigctl status` lists the partners that run"
            throw Failure(code: "no_such_partner", message: "there is no partner \(id.printable)", hint: hint)
        }
        overview.narrow(to: id)
        return Shown(overview: overview, text: PartnerScreen(overview, id: id, usesColour: usesColour).text)
    }
}
