// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import Base
internal import Control

extension GateStatusDocument.Grants {
    init(_ grants: [Grant], at now: WallInstant) {
        self.init()
        var oldestPending: WallInstant?
        var oldestReview: WallInstant?
        for grant in grants {
            switch grant.phase(at: now) {
            case .pending:
                pending += 1
                oldestPending = min(oldestPending ?? grant.requestedAt, grant.requestedAt)
            case .scheduled: scheduled += 1
            case .active:
                active += 1
                if grant.isBreakGlass { breakGlassActive += 1 }
            case .denied, .lapsed, .expired, .revoked: break
            }
            if grant.isReviewOpen {
                reviewsOpen += 1
                oldestReview = min(oldestReview ?? grant.requestedAt, grant.requestedAt)
            }
        }
        oldestPendingAt = oldestPending?.rfc3339
        oldestReviewAt = oldestReview?.rfc3339
    }
}

extension ReviewSignature {
    init(_ signing: ReviewSigning) {
        self.init(
            at: signing.at.rfc3339,
            who: signing.who,
            note: signing.note,
            days: signing.days,
            sha256: signing.sha256
        )
    }
}
