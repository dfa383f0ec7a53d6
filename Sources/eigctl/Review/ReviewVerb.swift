// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import TLS

extension Verb {
    private static let days = OptionRule("--days", value: "N", "so many days back, 1 to 366 [180]")
    private static let sign = OptionRule("--sign", "record that you read it; needs `--note`")
    private static let output = OptionRule("--output", value: "FILE", "write its JSON to FILE, mode 0600, to keep")
    private static let remind = OptionRule(
        "--remind",
        "only say whether one is due, to the journal, too: what the daily timer runs"
    )

    /// `eigctl review`: who could, who did, who allowed it.
    static let review = Verb(
        "review",
        summary: "show who could reach what, who did and who allowed it, and sign that it was read",
        details: [
            "Administrators and their roles, each target they may reach and whether they did, grants and who decided them, "
                + "uses of break-glass and who looked at them, refusals; on the gate's own host the allow-list, too, with "
                + "entries that nobody used, ended or end within 30 days. LAST SEEN is when an administrator last did "
                + "anything through the gate, a session, a request, an approval or a look; who was not seen for 90 days, "
                + "or never, is named. Needs the right `audit`. Times are UTC.",
            "With `--sign` the gate and its audit log record who read it, the note, and the SHA-256 of the JSON document "
                + "that `--json` or `--output` writes: keep that, and sha256sum(1) shows what was signed. PCI DSS asks for "
                + "one every six months: `eigctl status` warns from day 150 and fails from day 180.",
            "Exit status of `--remind`: 0 not due, 2 due, 1 late.",
        ],
        options: GatePlace.options + [days, sign, GateQuestion.note, output, remind],
        examples: [
            "eigctl review", "eigctl review --days 30 --json",
            "eigctl review --sign --note \"nothing to change\" --output review-2026-11.json",
        ]
    ) { invocation throws(Failure) in
        if invocation.has(remind) { return try remind(invocation) }
        let text = invocation.value(days) ?? "180"
        guard let days = Int(text), (1...366).contains(days) else {
            throw .usage("`--days` is `\(text.printable)`", hint: "write a number from 1 to 366")
        }
        let note = invocation.has(sign) ? try GateQuestion.required(GateQuestion.note, invocation) : nil
        let program = try GatePlace.program(invocation)
        let report = try gather(invocation, program, days: days)
        if let path = invocation.value(output) { try write(report, to: path) }
        let screen = ReviewScreen(now: invocation.now, usesColour: invocation.console.usesColour)
        invocation.tell(report, screen.text(report))
        if let note { try sign(report, note, days, program, invocation) }
        return report.ok ? .ok : .error
    }

    private static func gather(_ invocation: Invocation, _ program: Program, days: Int) throws(Failure) -> ReviewReport
    {
        var report = ReviewReport(madeAt: invocation.now.rfc3339)
        let isHere: Bool
        if case .local = try GatePlace.of(invocation) { isHere = true } else { isHere = false }
        do throws(Failure) {
            report.gate = try program.ask("GET", "/v1/review", query: ["days": "\(days)"], for: ReviewDocument.self)
        } catch {
            guard isHere, !invocation.has(sign), error.status != .refused else { throw error }
            report.gateError = error.document.error
        }
        if isHere {
            do throws(Failure) {
                report.allowList = try AllowListSurvey.lines(invocation)
            } catch {
                // What could not be read cannot be signed for.
                guard !invocation.has(sign) else { throw error }
                report.allowListError = error.document.error
            }
        }
        report.ok = report.gateError == nil && report.allowListError == nil
        return report
    }

    private static func write(_ report: ReviewReport, to path: String) throws(Failure) {
        do throws(Errno) {
            try FileStore.replace(path, with: report.json.span, mode: 0o600)
        } catch {
            throw Failure(code: "not_written", message: "\(path.printable): \(error)")
        }
    }

    private static func sign(
        _ report: ReviewReport,
        _ note: String,
        _ days: Int,
        _ program: Program,
        _ invocation: Invocation
    ) throws(Failure) {
        let digest = Hex.encode(Digest.sha256(report.json))
        let order = ReviewSignOrder(note: note, days: days, sha256: digest)
        let answer = try program.ask("POST", "/v1/review/sign", body: order.json, for: ReviewSignatureDocument.self)
        let signature = answer.signature
        // Beside the document, not in it: what is signed is what standard output has.
        invocation.console.error(
            "signed by \(signature.who) on \(Shown.instant(signature.at)): sha256 \(signature.sha256)\n".onOneLine
        )
    }

    private static func remind(_ invocation: Invocation) throws(Failure) -> ExitCode {
        let status = try invocation.localGate.ask("GET", "/v1/status", for: GateStatusDocument.self)
        guard let age = ReviewAge(status, now: invocation.now), age.isDue else { return .ok }
        var entry = JournalEntry(priority: .warning, message: age.sentence)
        entry.fields.append(("REVIEW_DAYS", String(age.days)))
        try invocation.console.journal(entry.bytes)
        invocation.console.output(age.sentence.onOneLine)
        return age.isLate ? .error : .pending
    }
}
