// SPDX-License-Identifier: Apache-2.0

/// One grant: who may reach which targets, how long, why, and who decided.
package struct GrantItem: Codable, Hashable, Sendable {
    package var id: String
    /// The person's `id`.
    package var who: String
    /// As in `jumpd.toml`: `eig-01:22`, `txn-db`.
    package var targets: [String]
    /// `pending`, `scheduled` (approved, begins later), `active`, `denied`, `lapsed` (nobody decided in time),
    /// `expired` (its time is over) or `revoked`.
    package var state: String
    package var reason: String
    package var ticket: String
    package var requestedAt: String
    /// How long was asked for.
    package var minutes: Int
    /// When it begins; nothing while it begins with its approval and has none.
    package var from: String?
    /// When it ends or ended; nothing while that is not known.
    package var until: String?
    /// Who approved or denied it; nothing while nobody did, and for break-glass.
    package var decidedBy: String?
    package var decidedAt: String?
    /// What was said with the decision.
    package var note: String?
    /// Who revoked it before its time, and what was said.
    package var revokedBy: String?
    package var revokedAt: String?
    package var revokedNote: String?
    /// Whether it was taken without anybody's approval.
    package var isBreakGlass = false
    /// Whether somebody else still has to look at its use: break-glass only.
    package var isReviewOpen = false
    /// Who looked at its use, and what was said.
    package var closedBy: String?
    package var closedAt: String?
    package var closedNote: String?

    package init(
        id: String,
        who: String,
        targets: [String],
        state: String,
        reason: String,
        ticket: String,
        requestedAt: String,
        minutes: Int
    ) {
        self.id = id
        self.who = who
        self.targets = targets
        self.state = state
        self.reason = reason
        self.ticket = ticket
        self.requestedAt = requestedAt
        self.minutes = minutes
    }
}

/// The answer to `GET /v1/grants`.
package struct GrantListDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// Newest first.
    package var grants: [GrantItem]
    /// Whether there are older ones that are not listed.
    package var isCut = false

    package init(grants: [GrantItem], isCut: Bool = false) {
        self.grants = grants
        self.isCut = isCut
    }
}

/// The answer to what makes or changes one grant: `POST /v1/grants`, `/v1/break-glass`, `/v1/grants/ID/…`.
package struct GrantDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var grant: GrantItem
    /// Live sessions that ended with it.
    package var sessionsCut: Int

    package init(grant: GrantItem, sessionsCut: Int = 0) {
        self.grant = grant
        self.sessionsCut = sessionsCut
    }
}
