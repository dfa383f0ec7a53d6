// SPDX-License-Identifier: Apache-2.0
internal import Base

/// When a failed delivery is tried again.
///
/// Validated once, here; trusted everywhere else.
package struct RetryPolicy: Hashable, Sendable {
    /// The longest wait after each attempt; the last one repeats.
    package let schedule: [Duration]
    /// The shortest wait, whatever the jitter.
    package let delayMin: Duration
    /// The longest wait a partner's Retry-After can ask for.
    package let hintMax: Duration
    /// Attempts before an answer that says "not this" is believed.
    package let refusedAttemptsMax: Int
    /// Attempts every item gets before its age can make it a dead letter, so that neither a long parking nor
    /// a stepped clock kills what was hardly tried.
    package let attemptsMin: Int

    package static let standardSchedule: [Duration] = [
        .seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(1800), .seconds(3600),
    ]

    /// - Precondition: 1 to 64 waits, none below `delayMin`, which is positive; attempts in 1...1000.
    package init(
        schedule: [Duration] = standardSchedule,
        delayMin: Duration = .milliseconds(100),
        hintMax: Duration = .seconds(10 * 3600),
        refusedAttemptsMax: Int = 8,
        attemptsMin: Int = 5
    ) {
        invariant((1...64).contains(schedule.count), "retry schedule length out of range: \(schedule.count)")
        invariant(delayMin > .zero, "delayMin must be positive")
        invariant(schedule.allSatisfy { $0 >= delayMin }, "a wait in the retry schedule is below delayMin")
        invariant((1...1000).contains(refusedAttemptsMax), "refusedAttemptsMax out of range: \(refusedAttemptsMax)")
        invariant((1...1000).contains(attemptsMin), "attemptsMin out of range: \(attemptsMin)")
        self.schedule = schedule
        self.delayMin = delayMin
        self.hintMax = hintMax
        self.refusedAttemptsMax = refusedAttemptsMax
        self.attemptsMin = attemptsMin
    }

    /// The wait after `attempt` failed: full jitter below the schedule's ceiling, or the partner's hint when
    /// that is longer.
    ///
    /// - Parameter jitter: uniform in 0..<1, drawn by the caller so that a seed replays a whole run.
    package func delay(afterAttempt attempt: Int, hint: Duration? = nil, jitter: Double) -> Duration {
        invariant(attempt >= 1, "attempts count from 1")
        invariant((0..<1).contains(jitter), "jitter out of range: \(jitter)")
        let ceiling = schedule[min(attempt, schedule.count) - 1]
        let drawn = delayMin + (ceiling - delayMin) * jitter
        return max(drawn, min(hint ?? .zero, hintMax))
    }
}
