// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

/// What the verbs about callbacks share.
enum CallbackQuestion {
    static let states = ["pending", "ready", "leased", "waiting", "parked", "held", "dead", "done"]
    static let state = OptionRule("--state", value: "STATE", "only these: " + states.joined(separator: ", "))
    static let partner = OptionRule("--partner", value: "PARTNER", "only from or to this partner or backend")
    static let limit = OptionRule("--limit", value: "N", "at most this many, newest first, 1 to 1000 [50]")

    static func list(_ invocation: Invocation, state: String?) throws(Failure) -> ExitCode {
        var query: [String: String] = [:]
        query["state"] = state
        query["partner"] = invocation.value(partner)
        query["limit"] = String(try limit(of: invocation))
        let answer = try invocation.eigd.ask("GET", "/v1/callbacks", query: query, for: CallbackListDocument.self)
        let screen = CallbackScreen(usesColour: invocation.console.usesColour)
        invocation.tell(answer, screen.list(answer))
        return .ok
    }

    private static func limit(of invocation: Invocation) throws(Failure) -> Int {
        guard let text = invocation.value(limit) else { return 50 }
        guard let value = Int(text), (1...1000).contains(value) else {
            throw .usage("`--limit` is `\(text.printable)`", hint: "write a number from 1 to 1000")
        }
        return value
    }

    /// The one operand, spelled as eigd spells it.
    static func id(_ invocation: Invocation) throws(Failure) -> String {
        let text = invocation.operands[0]
        guard let id = UniqueID(text) else {
            let hint = "`eigctl callbacks list` shows the ids, 36 characters each"
            throw .usage("`\(text.printable)` is not the id of a callback", hint: hint)
        }
        return id.description
    }
}

extension Verb {
    static let callbacksList = Verb(
        "callbacks list",
        summary: "list callbacks accepted and where each stands",
        details: [
            "One line for each callback and destination, newest first: `ready` waits for its time, `leased` is "
                + "being delivered, `waiting` is behind an earlier one of the same transaction, `parked` waits "
                + "for its endpoint, `held` was given up and holds the ones behind it, `dead` was given up, "
                + "`done` was acknowledged. To ask for `pending` is to ask for all not settled, for `dead` to ask "
                + "for `held`, too. Nothing is written when there are none."
        ],
        options: [CallbackQuestion.state, CallbackQuestion.partner, CallbackQuestion.limit],
        examples: ["eigctl callbacks list", "eigctl callbacks list --state ready --partner payfast --limit 10"]
    ) { invocation throws(Failure) in
        let state = invocation.value(CallbackQuestion.state)
        if let state, !CallbackQuestion.states.contains(state) {
            let hint = "write one of \(CallbackQuestion.states.joined(separator: ", "))"
            throw .usage("`--state` is `\(state.printable)`", hint: hint)
        }
        return try CallbackQuestion.list(invocation, state: state)
    }

    static let callbacksDead = Verb(
        "callbacks dead",
        summary: "list callbacks that were given up",
        details: [
            "The dead letters, newest first, each with its last error. Mend the cause, then "
                + "`eigctl callbacks replay ID`, or let the ones behind it go on with `eigctl callbacks release ID`."
        ],
        options: [CallbackQuestion.partner, CallbackQuestion.limit],
        examples: ["eigctl callbacks dead", "eigctl callbacks dead --partner mobicash --json"]
    ) { invocation throws(Failure) in
        try CallbackQuestion.list(invocation, state: "dead")
    }

    private static let body = OptionRule("--body", "write only the body, as it was received")

    static let callbacksShow = Verb(
        "callbacks show",
        operands: "ID",
        operandCount: 1...1,
        summary: "show one callback with its attempts and its body",
        details: [
            "Everything stored of one callback: where it came from and goes to, each attempt with its answer, "
                + "and the body while it is kept. The body may hold personal data: take care where you show it."
        ],
        options: [body],
        examples: [
            "eigctl callbacks show 01920f3e-7c1a-7000-8000-000000000001",
            "eigctl callbacks show 01920f3e-7c1a-7000-8000-000000000001 --body",
        ]
    ) { invocation throws(Failure) in
        let id = try CallbackQuestion.id(invocation)
        let answer = try invocation.eigd.ask("GET", "/v1/callbacks/\(id)", for: CallbackDocument.self)
        guard invocation.has(body) else {
            invocation.tell(answer, CallbackScreen(usesColour: invocation.console.usesColour).detail(answer))
            return .ok
        }
        guard let text = answer.body else {
            let isBinary = answer.bodyBase64 != nil
            let message = isBinary ? "the body is not UTF-8 text" : "the body is no longer kept"
            throw Failure(
                code: isBinary ? "body_binary" : "body_gone",
                message: message,
                hint: isBinary ? "`--json` without `--body` has it in base 64" : nil
            )
        }
        invocation.tell(answer, text)
        return .ok
    }

    static let callbacksReplay = Verb(
        "callbacks replay",
        operands: "ID",
        operandCount: 1...1,
        summary: "deliver a callback once more",
        details: [
            "Makes a new callback with the body of the old one, to the same destination, and writes its id. The "
                + "receiver may see the same notice twice; it carries the same idempotency key."
        ],
        examples: ["eigctl callbacks replay 01920f3e-7c1a-7000-8000-000000000001"]
    ) { invocation throws(Failure) in
        let id = try CallbackQuestion.id(invocation)
        let answer = try invocation.eigd.ask("POST", "/v1/callbacks/\(id)/replay", for: ReplayAnswer.self)
        invocation.tell(answer, "\(answer.id.printable)\n")
        return .ok
    }

    static let callbacksRelease = Verb(
        "callbacks release",
        operands: "ID",
        operandCount: 1...1,
        summary: "let the callbacks behind a held one go on without it",
        details: [
            "A callback that was given up holds the later ones of its transaction, unless eigd.toml says "
                + "otherwise (`on-dead`). This gives it up for good: it stays among the dead, and the next of "
                + "the transaction is delivered. Nothing is written."
        ],
        examples: ["eigctl callbacks release 01920f3e-7c1a-7000-8000-000000000001"]
    ) { invocation throws(Failure) in
        let id = try CallbackQuestion.id(invocation)
        let answer = try invocation.eigd.ask("POST", "/v1/callbacks/\(id)/release", for: ReplayAnswer.self)
        invocation.tell(answer, "")
        return .ok
    }
}
