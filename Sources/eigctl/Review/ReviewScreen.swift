// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

/// A review for people.
struct ReviewScreen {
    let now: WallInstant
    let usesColour: Bool

    /// Who did nothing for this long is asked about (PCI DSS 4.0.1, 8.2.6).
    private static let idleDays = 90
    private static let soonDays = 30

    func text(_ report: ReviewReport) -> String {
        var parts: [String] = []
        if let gate = report.gate {
            parts.append("Access through the gate, \(gate.days) days, \(day(gate.from)) to \(day(gate.until)).\n")
            parts += [section("Administrators", people(gate.people)), section("Who may reach what", reach(gate.reach))]
            let cut = gate.isCut ? "there are older ones: the audit log has them\n" : ""
            parts.append(section("Grants", GrantWords.table(gate.grants, usesColour: usesColour) + cut))
            parts.append(section("Break-glass", glass(gate.grants)))
            parts.append(section("Refused", refusals(gate.refusals)))
        }
        if let lines = report.allowList { parts.append(section("Allow-list", allowList(lines))) }
        if let gate = report.gate { parts.append(section("Earlier reviews", signatures(gate.signatures))) }
        for error in [report.gateError, report.allowListError].compactMap({ $0 }) {
            parts.append("! not in here: \(error.message.printable)\n")
        }
        return parts.joined(separator: "\n")
    }

    private func section(_ title: String, _ table: String) -> String {
        "\(title):\n\(table.isEmpty ? "none\n" : table)"
    }

    private func people(_ people: [ReviewDocument.Person]) -> String {
        var table = TextTable([
            ("WHO", .left), ("NAME", .left), ("STATE", .left), ("ROLES", .left), ("RIGHTS", .left),
            ("BREAK-GLASS", .left), ("UNTIL", .left), ("LAST SEEN", .left), ("NOTE", .left),
        ])
        for person in people {
            table.add([
                person.id,
                person.name,
                person.isEnabled ? "enabled" : "disabled",
                person.roles.joined(separator: ","),
                person.rights.joined(separator: ","),
                person.mayBreakGlass ? "may" : "",
                person.until.map(day) ?? "",
                Shown.instant(person.lastSeenAt),
                person.isEnabled ? absence(of: person) : "",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private func absence(of person: ReviewDocument.Person) -> String {
        guard let days = days(since: person.lastSeenAt) else { return "never seen" }
        return days >= Self.idleDays ? "not seen for \(days) days" : ""
    }

    private func reach(_ reach: [ReviewDocument.Reach]) -> String {
        var table = TextTable([
            ("WHO", .left), ("TARGET", .left), ("ROLES", .left), ("GRANTS", .right), ("SESSIONS", .right),
            ("IN", .right), ("OUT", .right), ("LAST", .left),
        ])
        for line in reach {
            table.add([
                line.who,
                line.target,
                line.roles.joined(separator: ","),
                Shown.count(line.grantCount),
                Shown.count(line.sessionCount),
                Shown.bytes(Int(clamping: line.bytesIn)),
                Shown.bytes(Int(clamping: line.bytesOut)),
                line.lastAt.map { Shown.instant($0) } ?? "never",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private func glass(_ grants: [GrantItem]) -> String {
        var table = TextTable([
            ("ID", .left), ("WHO", .left), ("WHEN", .left), ("UNTIL", .left), ("REASON", .left),
            ("LOOKED AT BY", .left),
            ("NOTE", .left),
        ])
        for grant in grants where grant.isBreakGlass {
            table.add([
                grant.id,
                grant.who,
                Shown.instant(grant.requestedAt),
                Shown.instant(grant.until),
                grant.reason,
                grant.closedBy ?? (grant.isReviewOpen ? "NOBODY YET" : ""),
                grant.closedNote ?? "",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private func refusals(_ refusals: [CountedReason]) -> String {
        var table = TextTable([("REASON", .left), ("HOW OFTEN", .right)])
        for refusal in refusals { table.add([refusal.reason, Shown.count(refusal.count)]) }
        return table.text(usesColour: usesColour)
    }

    private func allowList(_ lines: [AllowListLine]) -> String {
        var table = TextTable([
            ("PARTNER", .left), ("FROM", .left), ("VIA", .left), ("PACKETS", .right), ("UNTIL", .left),
            ("NOTE", .left), ("OWNER", .left), ("TICKET", .left), ("REASON", .left),
        ])
        for line in lines {
            table.add([
                line.partner,
                line.from,
                line.via ?? "",
                line.packetsTotal.map { Shown.count($0) } ?? "",
                line.until.map(day) ?? "",
                note(line),
                line.owner,
                line.ticket,
                line.reason,
            ])
        }
        return table.text(usesColour: usesColour)
    }

    private func note(_ line: AllowListLine) -> String {
        var notes = line.isUnused ? ["unused"] : []
        if let left = days(since: line.until).map({ -$0 }) {
            if left <= 0 {
                notes.append("ended")
            } else if left <= Self.soonDays {
                notes.append("ends in \(left) days")
            }
        }
        return notes.joined(separator: ", ")
    }

    private func signatures(_ signatures: [ReviewSignature]) -> String {
        var table = TextTable([
            ("WHEN", .left), ("WHO", .left), ("DAYS", .right), ("NOTE", .left), ("SHA-256", .left),
        ])
        for signature in signatures {
            let digest = "\(signature.sha256.prefix(16))…"
            table.add([Shown.instant(signature.at), signature.who, "\(signature.days)", signature.note, digest])
        }
        return table.text(usesColour: usesColour)
    }

    private func day(_ instant: String) -> String { String(instant.prefix(10)) }

    /// Whole days, rounded down; negative for what is to come.
    private func days(since instant: String?) -> Int? {
        guard let instant = instant.flatMap({ WallInstant(typed: $0) }) else { return nil }
        let seconds = now.seconds - instant.seconds
        return Int(seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400))
    }
}
