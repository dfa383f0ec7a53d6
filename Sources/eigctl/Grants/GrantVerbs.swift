// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

extension Verb {
    private static let time = OptionRule("--for", value: "TIME", "how long, such as 30m or 2h; 8h at most by default")
    private static let from = OptionRule("--from", value: "TIME", "when it begins, UTC [when it is approved]")
    private static let states = [
        "pending", "scheduled", "active", "denied", "lapsed", "expired", "revoked", "ended", "open",
    ]
    private static let state = OptionRule("--state", value: "STATE", "only these: " + states.joined(separator: ", "))

    static let grantRequest = Verb(
        "grant request",
        operands: "TARGET…",
        operandCount: 1...64,
        summary: "ask for access to targets for a time",
        details: [
            "Somebody else has to approve it. Targets are those of `eigctl jump targets`, with a port or with all of "
                + "theirs. `--from` is written 2026-11-22T20:00Z. The id of the request is written; the grant ends by itself, "
                + "and with it every connection that it allowed."
        ],
        options: GatePlace.options + [time, from, GateQuestion.reason, GateQuestion.ticket],
        examples: [
            "eigctl grant request eig-01:22 --for 2h --reason \"replace a disk\" --ticket NET-4711",
            "eigctl grant request txn-db rpt-01 --for 30m --from 2026-11-22T20:00Z --reason release --ticket REL-12",
        ]
    ) { invocation throws(Failure) in
        let targets = try invocation.operands.map { word throws(Failure) in
            let target = try TargetName([word])
            return target.port.map { "\(target.name):\($0)" } ?? target.name
        }
        let text = try GateQuestion.required(time, invocation)
        guard let length = Duration(text), length >= .seconds(60) else {
            throw .usage("`--for` is `\(text.printable)`", hint: "write a time of a minute or more: 30m, 2h")
        }
        let order = GrantOrder(
            targets: targets,
            minutes: Int(length.milliseconds / 60_000),
            from: try begin(invocation),
            reason: try GateQuestion.required(GateQuestion.reason, invocation),
            ticket: try GateQuestion.required(GateQuestion.ticket, invocation)
        )
        let program = try GatePlace.program(invocation)
        let answer = try program.ask("POST", "/v1/grants", body: order.json, for: GrantDocument.self)
        invocation.tell(answer, GrantWords.sentence(answer))
        return .ok
    }

    private static func begin(_ invocation: Invocation) throws(Failure) -> String? {
        guard let text = invocation.value(from) else { return nil }
        guard let instant = WallInstant(typed: text) else {
            throw .usage("`--from` is `\(text.printable)`", hint: "write it in UTC: 2026-11-22T20:00Z")
        }
        return instant.rfc3339
    }

    static let grantList = Verb(
        "grant list",
        summary: "list grants: requested, active and past",
        details: [
            "The newest first. STATE is `pending` until somebody decides, `scheduled` when it begins later, `active`, "
                + "`denied`, `lapsed` when nobody decided in time, `expired` or `revoked`; `!` marks break-glass, and "
                + "`open` one whose use nobody else has looked at yet. To ask for `ended` is to ask for all that are over, "
                + "for `open` to ask for break-glass to look at. Yours; everybody's with the right `approve` or "
                + "`audit`. Times are UTC."
        ],
        options: GatePlace.options + [state],
        examples: ["eigctl grant list", "eigctl grant list --state pending", "eigctl grant list --json"]
    ) { invocation throws(Failure) in
        var query: [String: String] = [:]
        if let text = invocation.value(state) {
            guard states.contains(text) else {
                throw .usage("`--state` is `\(text.printable)`", hint: "write one of \(states.joined(separator: ", "))")
            }
            query["state"] = text
        }
        let program = try GatePlace.program(invocation)
        let answer = try program.ask("GET", "/v1/grants", query: query, for: GrantListDocument.self)
        let cut = answer.isCut ? "there are older ones: `eigctl review` or the audit log has them\n" : ""
        invocation.tell(answer, GrantWords.table(answer.grants, usesColour: invocation.console.usesColour) + cut)
        return .ok
    }

    static let grantApprove = decision(
        "approve",
        "let somebody have what they asked for",
        "Needs the right `approve`, and is refused for a request of your own. Its time begins now, or when it was asked "
            + "to begin."
    )

    static let grantDeny = decision(
        "deny",
        "refuse what somebody asked for",
        "Needs the right `approve`. Say why with `--note`: whoever asked sees it."
    )

    static let grantRevoke = decision(
        "revoke",
        "end a grant now, and cut its connections",
        "Anybody may revoke their own, who has the right `approve` everybody's. Connections that it allowed are cut within "
            + "a second, unless another grant allows them, too. A request that is still pending is withdrawn."
    )

    static let grantClose = decision(
        "close",
        "say that a use of break-glass was looked at",
        "Needs the right `approve`, and is refused to whoever used it, and while it lasts: `eigctl grant revoke` ends it. "
            + "Look first at what was done: `eigctl jump sessions`, "
            + "the audit log, the target's own logs. Say with `--note` what came of it."
    )

    private static func decision(_ word: String, _ summary: String, _ detail: String) -> Verb {
        Verb(
            "grant \(word)",
            operands: "ID",
            operandCount: 1...1,
            summary: summary,
            details: [detail],
            options: GatePlace.options + [GateQuestion.note],
            examples: ["eigctl grant \(word) g-01920f3e", "eigctl grant \(word) g-01920f3e --note \"as agreed\""]
        ) { invocation throws(Failure) in
            let id = try GateQuestion.id(invocation.operands[0], "eigctl grant list")
            let order = NoteOrder(note: invocation.value(GateQuestion.note))
            let answer = try GatePlace.program(invocation).ask(
                "POST",
                "/v1/grants/\(id)/\(word)",
                body: order.json,
                for: GrantDocument.self
            )
            invocation.tell(answer, GrantWords.sentence(answer))
            return .ok
        }
    }
}
