// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// What administrators call a place by: `eig-01:22`, `txn-db`.
package typealias Destination = TargetName

/// Access of one person to some targets for a time: who asked, why, and who allowed it.
///
/// It only ever gains: what was asked for never changes, and each later step is written down beside it.
package struct Grant: Hashable, Sendable {
    /// Where a grant stands at an instant.
    package enum Phase: String, CaseIterable, Hashable, Sendable {
        /// Nobody has decided on it.
        case pending
        /// Approved; begins later.
        case scheduled
        case active
        case denied
        /// Nobody decided in time.
        case lapsed
        /// Its time is over.
        case expired
        /// Ended before its time.
        case revoked

        /// Whether nothing can come of it any more.
        package var isOver: Bool { self == .denied || self == .lapsed || self == .expired || self == .revoked }
    }

    /// Something a person did to it.
    package struct Step: Hashable, Sendable {
        /// The person's id.
        package var who: String
        package var at: WallInstant
        /// What was said with it.
        package var note: String?

        package init(who: String, at: WallInstant, note: String? = nil) {
            self.who = who
            self.at = at
            self.note = note
        }
    }

    /// `g-` and 8 hexadecimal digits.
    package let id: String
    /// The id of whoever asked and goes.
    package let who: String
    package let targets: [Destination]
    package let reason: String
    package let ticket: String
    package let requestedAt: WallInstant
    /// How long was asked for.
    package let duration: Duration
    /// When it shall begin; nothing for as soon as it is approved.
    package let startsAt: WallInstant?
    /// Undecided from then on, it can no longer be approved.
    package let lapsesAt: WallInstant
    /// Whether it was taken without anybody's approval.
    package let isBreakGlass: Bool
    /// When it begins; set with the approval.
    package internal(set) var from: WallInstant?
    /// When it ends, and is no more at that instant; set with the approval.
    package internal(set) var until: WallInstant?
    /// The approval or the denial; nobody's for break-glass.
    package internal(set) var decision: Step?
    package internal(set) var revocation: Step?
    /// That somebody else looked at its use: break-glass only.
    package internal(set) var closure: Step?
    /// Whether its lapse or its expiry was told.
    package internal(set) var isEndTold = false

    package init(
        id: String,
        who: String,
        targets: [Destination],
        reason: String,
        ticket: String,
        requestedAt: WallInstant,
        duration: Duration,
        startsAt: WallInstant?,
        lapsesAt: WallInstant,
        isBreakGlass: Bool
    ) {
        self.id = id
        self.who = who
        self.targets = targets
        self.reason = reason
        self.ticket = ticket
        self.requestedAt = requestedAt
        self.duration = duration
        self.startsAt = startsAt
        self.lapsesAt = lapsesAt
        self.isBreakGlass = isBreakGlass
    }

    /// As it was stored.
    package init(
        _ asked: Grant,
        from: WallInstant?,
        until: WallInstant?,
        decision: Step?,
        revocation: Step?,
        closure: Step?,
        isEndTold: Bool
    ) {
        self = asked
        self.from = from
        self.until = until
        self.decision = decision
        self.revocation = revocation
        self.closure = closure
        self.isEndTold = isEndTold
    }

    package func phase(at now: WallInstant) -> Phase {
        if revocation != nil { return .revoked }
        guard let from, let until else {
            if decision != nil { return .denied }
            return now < lapsesAt ? .pending : .lapsed
        }
        return now < from ? .scheduled : now < until ? .active : .expired
    }

    /// Whether somebody else still has to look at its use.
    package var isReviewOpen: Bool { isBreakGlass && closure == nil }

    /// Whether it leads to a place; break-glass leads wherever the person's roles do.
    package func covers(_ wanted: Destination) -> Bool {
        isBreakGlass || targets.contains { $0.covers(wanted) }
    }

    /// The last instant anything happened to it, or will by itself.
    var lastAt: WallInstant {
        [requestedAt, until, decision?.at, revocation?.at, closure?.at].compactMap(\.self).max() ?? requestedAt
    }
}
