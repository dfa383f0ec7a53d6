// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Grants for people.
enum GrantWords {
    static func table(_ grants: [GrantItem], usesColour: Bool) -> String {
        var table = TextTable([
            ("ID", .left), ("WHO", .left), ("STATE", .left), ("TARGETS", .left), ("FROM", .left), ("UNTIL", .left),
            ("MINUTES", .right), ("DECIDED BY", .left), ("TICKET", .left), ("REASON", .left), ("NOTE", .left),
        ])
        for grant in grants {
            table.add([
                grant.id,
                grant.who + (grant.isBreakGlass ? " !" : ""),
                grant.state + (grant.isReviewOpen ? ", open" : ""),
                grant.targets.joined(separator: ","),
                Shown.instant(grant.from ?? grant.requestedAt),
                Shown.instant(grant.until),
                Shown.count(grant.minutes),
                grant.decidedBy ?? "",
                grant.ticket,
                grant.reason,
                grant.closedNote ?? grant.revokedNote ?? grant.note ?? "",
            ])
        }
        return table.text(usesColour: usesColour)
    }

    /// What has become of one grant, in one sentence.
    static func sentence(_ answer: GrantDocument) -> String {
        let grant = answer.grant
        let what = "\(grant.id): \(grant.who) to \(grant.targets.joined(separator: ", "))"
        let cut = answer.sessionsCut
        let connections = cut == 0 ? "" : "; \(cut) connection\(cut == 1 ? " was" : "s were") cut"
        let state: String
        switch grant.state {
        case "pending": state = "asked for; somebody else has to approve it"
        case "scheduled": state = "approved, from \(Shown.instant(grant.from)) to \(Shown.instant(grant.until)) UTC"
        case "active":
            let glass = grant.isBreakGlass ? "break-glass, " : ""
            state = "\(glass)until \(Shown.instant(grant.until)) UTC"
        default: state = grant.state
        }
        let closed = grant.closedBy.map { "; its use was looked at by \($0)" } ?? ""
        return "\(what): \(state)\(connections)\(closed)\n".onOneLine
    }
}
