// SPDX-License-Identifier: Apache-2.0

/// The answer to `GET /v1/review`: who could, who did, who allowed it.
package struct ReviewDocument: ControlDocument {
    /// One person and one target that their roles give them.
    package struct Reach: Codable, Hashable, Sendable {
        package var who: String
        package var target: String
        /// The roles that give it.
        package var roles: [String]
        /// What was done with it in the time asked for.
        package var grantCount = 0
        package var sessionCount = 0
        package var bytesIn: Int64 = 0
        package var bytesOut: Int64 = 0
        package var lastAt: String?

        package init(who: String, target: String, roles: [String]) {
            self.who = who
            self.target = target
            self.roles = roles
        }
    }

    /// One administrator.
    package struct Person: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
        package var isEnabled: Bool
        package var roles: [String]
        package var rights: [String]
        package var mayBreakGlass: Bool
        /// When their entry ends.
        package var until: String?
        /// When they last did anything through the gate or at its desk, let in or not, to the minute and as far back as
        /// is kept; nothing when never.
        package var lastSeenAt: String?

        package init(
            id: String,
            name: String,
            isEnabled: Bool,
            roles: [String],
            rights: [String],
            mayBreakGlass: Bool,
            until: String? = nil,
            lastSeenAt: String? = nil
        ) {
            self.id = id
            self.name = name
            self.isEnabled = isEnabled
            self.roles = roles
            self.rights = rights
            self.mayBreakGlass = mayBreakGlass
            self.until = until
            self.lastSeenAt = lastSeenAt
        }
    }

    package var schema = controlSchema
    package var ok = true
    /// The time it covers.
    package var from: String
    package var until: String
    package var days: Int
    package var people: [Person] = []
    /// By person and target.
    package var reach: [Reach] = []
    /// Requested or used in that time, break-glass among them; newest first.
    package var grants: [GrantItem] = []
    /// Whether there were more grants than are listed.
    package var isCut = false
    /// Refused connections by reason.
    package var refusals: [CountedReason] = []
    /// Earlier reviews, newest first.
    package var signatures: [ReviewSignature] = []

    package init(from: String, until: String, days: Int) {
        self.from = from
        self.until = until
        self.days = days
    }
}

/// That somebody read a review.
package struct ReviewSignature: Codable, Hashable, Sendable {
    package var at: String
    package var who: String
    package var note: String
    package var days: Int
    /// Of the review's JSON as it was read.
    package var sha256: String

    package init(at: String, who: String, note: String, days: Int, sha256: String) {
        self.at = at
        self.who = who
        self.note = note
        self.days = days
        self.sha256 = sha256
    }
}

/// The answer to `POST /v1/review/sign`.
package struct ReviewSignatureDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var signature: ReviewSignature

    package init(signature: ReviewSignature) { self.signature = signature }
}
