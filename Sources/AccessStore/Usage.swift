// SPDX-License-Identifier: Apache-2.0
package import Base

/// What somebody did at one target: sums, for reviews; the audit log has each session.
package struct Usage: Hashable, Sendable {
    package var sessionCount: Int
    /// From the person to the target.
    package var bytesIn: Int64
    package var bytesOut: Int64
    package var lastAt: WallInstant

    package init(sessionCount: Int = 0, bytesIn: Int64 = 0, bytesOut: Int64 = 0, lastAt: WallInstant) {
        self.sessionCount = sessionCount
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.lastAt = lastAt
    }

    mutating func add(_ other: Usage) {
        sessionCount += other.sessionCount
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        lastAt = max(lastAt, other.lastAt)
    }

    func adding(_ other: Usage) -> Usage {
        var sum = self
        sum.add(other)
        return sum
    }
}

/// Whose use of what, on which day since 1970 in UTC; 0 in sums over several.
package struct UsageKey: Hashable, Sendable {
    package let day: Int
    package let who: String
    /// `eig-01:22`, or ``noTarget``.
    package let target: String

    /// Of what somebody did at the gate itself: a question, a request, an approval.
    static let noTarget = ""

    static func day(_ at: WallInstant) -> Int { Int(at.seconds / 86_400) }
}

/// What was done since it was last written down.
struct UsageTally {
    /// People, targets and days at most; what is beyond that is not counted.
    private static let countMax = 100_000
    /// Nobody is written down as seen more often than this: who watches the sessions asks every second.
    private static let seenEvery = Duration.seconds(60)

    private(set) var sums: [UsageKey: Usage] = [:]
    private var seenAt: [String: WallInstant] = [:]

    mutating func add(who: String, target: String, _ usage: Usage) {
        let key = UsageKey(day: UsageKey.day(usage.lastAt), who: who, target: target)
        guard sums[key] != nil || sums.count < Self.countMax else { return }
        sums[key, default: Usage(lastAt: usage.lastAt)].add(usage)
    }

    mutating func see(_ who: String, at now: WallInstant) {
        // A clock that was set back is believed.
        if let last = seenAt[who], last <= now, now < last + Self.seenEvery { return }
        if seenAt.count >= Self.countMax { seenAt = [:] }
        seenAt[who] = now
        add(who: who, target: UsageKey.noTarget, Usage(lastAt: now))
    }

    /// All of it, to be written down.
    mutating func take() -> [UsageKey: Usage] {
        defer { sums = [:] }
        return sums
    }

    /// What could not be written down.
    mutating func giveBack(_ taken: [UsageKey: Usage]) { sums.merge(taken) { $0.adding($1) } }
}

/// That somebody read a review of who may do what.
package struct ReviewSigning: Hashable, Sendable {
    package let at: WallInstant
    package let who: String
    package let note: String
    /// How far back it went.
    package let days: Int
    /// Of what was read: 64 hexadecimal digits.
    package let sha256: String

    package init(at: WallInstant, who: String, note: String, days: Int, sha256: String) {
        self.at = at
        self.who = who
        self.note = note
        self.days = days
        self.sha256 = sha256
    }
}
