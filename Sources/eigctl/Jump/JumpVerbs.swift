// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

extension Verb {
    static let jumpTargets = Verb(
        "jump targets",
        summary: "list the targets of your roles, and which you may reach now",
        details: [
            "NOW is `yes` with the grant that allows it and its end, `requested` while a request of yours waits, and `no` "
                + "without a grant: `eigctl grant request`. RECORDS says what is kept of a session there: `metadata` is "
                + "who, when, from where and how many bytes, and nothing of what was said. LEG is the way from the gate to "
                + "the target: `tls` is encrypted by the gate, `plain` carries what the client sends, as ssh does "
                + "encrypted by itself. Times are UTC."
        ],
        options: GatePlace.options,
        examples: ["eigctl jump targets", "eigctl jump targets --json"]
    ) { invocation throws(Failure) in
        let answer = try GatePlace.program(invocation).ask("GET", "/v1/targets", for: TargetListDocument.self)
        let text = JumpScreen(usesColour: invocation.console.usesColour).targets(answer.targets)
        invocation.tell(answer, text)
        return .ok
    }

    static let jumpWhoami = Verb(
        "jump whoami",
        summary: "show who the gate takes you for",
        details: [
            "Your id, roles, rights and the grants in force as the gate has them, and how it knows you: by which name in "
                + "which certificate, and how long that is good, or by which account on its host. The first thing to ask "
                + "when something is refused. Times are UTC."
        ],
        options: GatePlace.options,
        examples: ["eigctl jump whoami", "eigctl jump whoami --json"]
    ) { invocation throws(Failure) in
        let answer = try GatePlace.program(invocation).ask("GET", "/v1/whoami", for: WhoamiDocument.self)
        invocation.tell(answer, JumpScreen(usesColour: invocation.console.usesColour).whoami(answer))
        return .ok
    }

    static let jumpSessions = Verb(
        "jump sessions",
        summary: "show who is connected to what through the gate, live",
        details: [
            "One line for each connection, the newest first: who, to which target, since when, the bytes to the target "
                + "(IN) and from it (OUT), how long it has been idle, the grant and its ticket, and when it ends at the "
                + "latest. Yours; everybody's with the right `sessions`. A `!` marks break-glass. Times are UTC."
        ],
        options: GatePlace.options + [.watch],
        examples: ["eigctl jump sessions", "eigctl jump sessions --watch", "eigctl jump sessions --json"]
    ) { invocation throws(Failure) in
        let program = try GatePlace.program(invocation)
        let screen = JumpScreen(usesColour: invocation.console.usesColour)
        return try Watch.run(invocation) { _ throws(Failure) in
            let answer = try program.ask("GET", "/v1/sessions", for: SessionListDocument.self)
            let table = screen.sessions(answer.sessions)
            let isWatched = invocation.value(.watch) != nil
            return Look(
                text: table.isEmpty && isWatched ? "nobody is connected\n" : table,
                json: String(decoding: answer.json, as: UTF8.self),
                exitCode: .ok
            )
        }
    }

    static let jumpKill = Verb(
        "jump kill",
        operands: "ID",
        operandCount: 1...1,
        summary: "cut one connection",
        details: [
            "Ends a session of `eigctl jump sessions` at once. The grant stays: who was cut may connect again; "
                + "`eigctl grant revoke` ends both. It goes into the audit log with your name."
        ],
        options: GatePlace.options + [GateQuestion.note],
        examples: ["eigctl jump kill 01920f3e-7c1a-7000-8000-000000000001 --note \"wrong host\""]
    ) { invocation throws(Failure) in
        let id = try GateQuestion.id(invocation.operands[0], "eigctl jump sessions")
        let order = NoteOrder(note: invocation.value(GateQuestion.note))
        let answer = try GatePlace.program(invocation).ask(
            "POST",
            "/v1/sessions/\(id)/kill",
            body: order.json,
            for: SessionDocument.self
        )
        let session = answer.session
        invocation.tell(answer, "\(session.who) is cut from \(session.target):\(session.port)\n".onOneLine)
        return .ok
    }

    static let jumpBreakGlass = Verb(
        "jump break-glass",
        summary: "reach your targets now, without anybody's approval",
        details: [
            "For an emergency in which nobody can approve. Only a person whom `jumpd.toml` gives `break-glass`, for an hour "
                + "at most, and loudly: everybody who reads the log is told at once, and somebody else has to look at "
                + "what was done and say so (`eigctl grant close`) before it stops being asked for."
        ],
        options: GatePlace.options + [GateQuestion.reason, GateQuestion.ticket],
        examples: ["eigctl jump break-glass --reason \"gateway down, nobody answers\" --ticket INC-88"]
    ) { invocation throws(Failure) in
        let order = BreakGlassOrder(
            reason: try GateQuestion.required(GateQuestion.reason, invocation),
            ticket: invocation.value(GateQuestion.ticket)
        )
        let program = try GatePlace.program(invocation)
        let answer = try program.ask("POST", "/v1/break-glass", body: order.json, for: GrantDocument.self)
        invocation.tell(answer, GrantWords.sentence(answer))
        return .ok
    }

    static let jumpUnlock = Verb(
        "jump unlock",
        operands: "PERSON|ADDRESS",
        operandCount: 1...1,
        summary: "let somebody in again who failed too often",
        details: [
            "Ends the lock-out of a person, by id, or of an address before its time. Only on the gate's host. "
                + "`eigctl status` shows who is locked out."
        ],
        examples: ["eigctl jump unlock anna", "eigctl jump unlock 192.0.2.7"]
    ) { invocation throws(Failure) in
        let name = invocation.operands[0]
        let order = IPAddress(name) == nil ? UnlockOrder(person: name) : UnlockOrder(address: name)
        let answer = try invocation.localGate.ask("POST", "/v1/unlock", body: order.json, for: UnlockDocument.self)
        let names = answer.unlocked.map { "\($0.kind) \($0.name) may come again\n".onOneLine }.joined()
        invocation.tell(answer, names.isEmpty ? "\(name) was not locked out\n".onOneLine : names)
        return .ok
    }
}

/// What the verbs that ask a gate share.
enum GateQuestion {
    static let note = OptionRule("--note", value: "TEXT", "what to write down with it")
    static let reason = OptionRule("--reason", value: "TEXT", "why: for whoever decides, and for the log")
    static let ticket = OptionRule("--ticket", value: "TICKET", "where it is tracked, such as NET-4711")

    /// - Throws: for what could not be part of a path.
    static func id(_ text: String, _ where: String) throws(Failure) -> String {
        let isID = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isIDByte)
        guard isID else { throw .usage("`\(text.printable)` is no id", hint: "`\(`where`)` shows them") }
        return text
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    static func required(_ rule: OptionRule, _ invocation: Invocation) throws(Failure) -> String {
        guard let text = invocation.value(rule) else {
            throw .usage("`\(rule.name)` is missing", hint: "add `\(rule.name) \(rule.value ?? "")`: \(rule.summary)")
        }
        return text
    }
}

extension String {
    /// Fit for a terminal, with its own newline at the end.
    var onOneLine: String { (hasSuffix("\n") ? String(dropLast()) : self).printable + "\n" }
}
