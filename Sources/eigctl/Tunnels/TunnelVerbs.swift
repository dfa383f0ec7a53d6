// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import Partners

extension Verb {
    /// `eigctl tunnel status`: every tunnel, since when it is up, and why it is not.
    static let tunnelStatus = Verb(
        "tunnel status",
        operands: "[PARTNER]",
        operandCount: 0...1,
        summary: "show the tunnels: up or down, since when, how much, and why not",
        details: [
            "One line for each tunnel. STATE is `up` when every pair of networks has its child SA, `partial` when some "
                + "have, `starting` in the first minute, `held` when somebody took it down, `unknown` when Libreswan "
                + "could not be asked. IKE is `up`, `asking` or `down`. GATEWAY is the partner's that is in use. IN and OUT "
                + "are added up across rekeys, FLAPS is how often it went down, UP is the share of the last 30 days. Under "
                + "it, for each tunnel that is down, what failed last, what we offer and what the partner offers, and what "
                + "to do; then the known faults of the installed Libreswan, and how each is worked around. Times are UTC.",
            "Exit status 0 says that all are up, 2 that one was taken down by somebody, uses the backup gateway or is "
                + "starting, 1 that one is down.",
        ],
        options: [.watch],
        examples: ["eigctl tunnel status", "eigctl tunnel status payfast --watch", "eigctl tunnel status --json"]
    ) { invocation throws(Failure) in
        try Watch.run(invocation) { _ throws(Failure) in try TunnelQuestion.look(invocation) }
    }

    /// `eigctl tunnel history`: what happened, and how each day was.
    static let tunnelHistory = Verb(
        "tunnel history",
        operands: "[PARTNER [TUNNEL]]",
        operandCount: 0...2,
        summary: "show what happened to tunnels, and how long they were up each day",
        details: [
            "The newest first: `up`, `down` with the reason, `restarted` when it was set up anew between two looks, `failed` "
                + "when an attempt failed for a new reason, `switched` to another gateway, `held` and `released` by an "
                + "administrator. Then the days (UTC): the share of the watched time it was up, bytes, rekeys, flaps. "
                + "90 days are kept."
        ],
        options: [TunnelQuestion.days, TunnelQuestion.limit],
        examples: ["eigctl tunnel history", "eigctl tunnel history payfast t1 --days 90 --limit 500"]
    ) { invocation throws(Failure) in
        try TunnelQuestion.history(invocation)
    }

    static let tunnelUp = TunnelQuestion.verb(
        "up",
        "bring a tunnel up that was taken down, or ask for it now",
        done: "asked for",
        "Lets Libreswan set the tunnel up again after `eigctl tunnel down`, and asks for it at once: it does not wait for "
            + "the first packet. It returns when that was asked for; `eigctl tunnel status` says what came of it."
    )

    static let tunnelDown = TunnelQuestion.verb(
        "down",
        "take a tunnel down until it is told to come up",
        done: "is down",
        "Ends its SAs and keeps it from being set up, by us; nothing leaves in clear text meanwhile. It stays down "
            + "across restarts and `eigctl apply`, and `eigctl status` says so, until `eigctl tunnel up`."
    )

    static let tunnelRestart = TunnelQuestion.verb(
        "restart",
        "set a tunnel up anew, with the partner's first gateway",
        done: "asked for anew",
        "Ends its SAs and sets them up again: its traffic stops for about two seconds. A tunnel on the partner's backup "
            + "gateway goes back to the first one. No other tunnel is touched."
    )
}

/// What the verbs about tunnels share.
enum TunnelQuestion {
    static let days = OptionRule("--days", value: "N", "so many days back, 1 to 90 [7]")
    static let limit = OptionRule("--limit", value: "N", "events at most, 1 to 10000 [50]")

    static func verb(_ name: String, _ summary: String, done: String, _ detail: String) -> Verb {
        Verb(
            "tunnel \(name)",
            operands: "PARTNER TUNNEL",
            operandCount: 2...2,
            summary: summary,
            details: [detail],
            examples: ["eigctl tunnel \(name) payfast t1"]
        ) { invocation throws(Failure) in
            let (partner, tunnel) = (invocation.operands[0], invocation.operands[1])
            // They become part of a path: nothing but what a partner file may name.
            guard [partner, tunnel].allSatisfy({ $0.utf8.count <= 32 && $0.utf8.allSatisfy(isNameByte) }) else {
                let hint = "`eigctl tunnel status` lists partners and tunnels by name"
                throw .usage("`\(partner.printable) \(tunnel.printable)` names no tunnel", hint: hint)
            }
            let target = "/v1/tunnels/\(partner)/\(tunnel)/\(name)"
            let answer = try invocation.tunnels.ask("POST", target, for: ChangeDocument.self)
            let changes = answer.changes.map { "\($0.sign.rawValue) \($0.partner.map { "\($0): " } ?? "")\($0.text)\n" }
            let notices = answer.diagnostics.map { "! \($0.message.printable)\n" }.joined()
            let text = changes.isEmpty ? "\(partner) \(tunnel): \(done)\n" : changes.joined()
            invocation.tell(answer, text + notices)
            return .ok
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    static func look(_ invocation: Invocation) throws(Failure) -> Look {
        var document = try invocation.tunnels.ask("GET", "/v1/status", for: TunnelsStatusDocument.self)
        if let partner = invocation.operands.first {
            let known = Set(document.tunnels.map(\.partner)).sorted()
            guard known.contains(partner) else {
                let nearest = Spelling.nearest(to: partner, among: known).map { "did you mean \($0)?" }
                throw Failure(
                    code: "no_such_tunnel",
                    message: "there is no tunnel of \(partner.printable)",
                    hint: nearest ?? "`eigctl tunnel status` lists them"
                )
            }
            document.tunnels.removeAll { $0.partner != partner }
            document.ok = !document.tunnels.contains(where: \.isFailing)
        }
        let table = TunnelTable(usesColour: invocation.console.usesColour)
        var notices = document.notices
        if let attempt = document.configuration.lastAttempt, !attempt.ok {
            let why = attempt.message.map { ": \($0)" } ?? ""
            notices.insert("the change of \(Shown.instant(attempt.at)) was refused\(why)", at: 0)
        }
        let parts = [
            TunnelWords.summary(document) + "\n" + notices.map { "! \($0.printable)\n" }.joined(),
            table.full(document.tunnels),
            table.hints(document.tunnels),
            invocation.operands.isEmpty ? table.advisories(document.advisories) : "",
        ]
        return Look(
            text: parts.filter { !$0.isEmpty }.joined(separator: "\n"),
            json: String(decoding: document.json, as: UTF8.self),
            exitCode: exitCode(document)
        )
    }

    private static func exitCode(_ document: TunnelsStatusDocument) -> ExitCode {
        if document.tunnels.contains(where: \.isFailing) { return .error }
        return document.tunnels.contains { $0.state != "up" || $0.isOnBackup } ? .pending : .ok
    }

    static func history(_ invocation: Invocation) throws(Failure) -> ExitCode {
        var query: [String: String] = [:]
        query["partner"] = invocation.operands.first
        query["tunnel"] = invocation.operands.dropFirst().first
        query["days"] = String(try number(invocation, days, 1...90) ?? 7)
        query["limit"] = String(try number(invocation, limit, 1...10_000) ?? 50)
        let document = try invocation.tunnels.ask("GET", "/v1/history", query: query, for: TunnelHistoryDocument.self)
        invocation.tell(document, text(document, usesColour: invocation.console.usesColour))
        return .ok
    }

    private static func number(
        _ invocation: Invocation,
        _ option: OptionRule,
        _ range: ClosedRange<Int>
    ) throws(Failure) -> Int? {
        guard let text = invocation.value(option) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let hint = "write a number from \(range.lowerBound) to \(range.upperBound)"
            throw .usage("`\(option.name)` is `\(text.printable)`", hint: hint)
        }
        return value
    }

    private static func text(_ document: TunnelHistoryDocument, usesColour: Bool) -> String {
        var events = TextTable([
            ("WHEN", .left), ("PARTNER", .left), ("TUNNEL", .left), ("EVENT", .left), ("WHY", .left),
        ])
        for event in document.events {
            events.add([Shown.instant(event.at), event.partner, event.tunnel, event.event, event.text])
        }
        var days = TextTable([
            ("DAY", .left), ("PARTNER", .left), ("TUNNEL", .left), ("UP", .right), ("IN", .right), ("OUT", .right),
            ("REKEYS", .right), ("FLAPS", .right),
        ])
        for day in document.days {
            let share = day.watchedSeconds > 0 ? 100 * Double(day.upSeconds) / Double(day.watchedSeconds) : nil
            days.add([
                day.day,
                day.partner,
                day.tunnel,
                share.map(TunnelTable.percent) ?? "",
                Shown.bytes(Int(clamping: day.bytesIn)),
                Shown.bytes(Int(clamping: day.bytesOut)),
                Shown.count(day.rekeys),
                Shown.count(day.flaps),
            ])
        }
        let cut = document.isCut ? "there are more: `--limit`\n" : ""
        let parts = [events.text(usesColour: usesColour) + cut, days.text(usesColour: usesColour)]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
