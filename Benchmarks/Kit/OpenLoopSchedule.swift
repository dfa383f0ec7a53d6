// SPDX-License-Identifier: Apache-2.0
package import Base

/// When each request of a fixed rate is due, whatever became of those before it.
///
/// Latencies counted from these instants include the time a request could not be sent because the ones before it
/// were late; counted from the sending they would leave it out (coordinated omission).
package struct OpenLoopSchedule: Sendable {
    package let startAt: MonotonicInstant
    private let nanosecondsEach: Double

    /// - Precondition: `rate`, in requests per second, is positive.
    package init(rate: Double, startAt: MonotonicInstant) {
        invariant(rate > 0, "a rate is positive")
        self.startAt = startAt
        nanosecondsEach = 1e9 / rate
    }

    /// When the request with this number, from 0, is due.
    package func instant(of number: Int) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: startAt.nanoseconds + UInt64(Double(number) * nanosecondsEach))
    }

    /// How many are due by `now`.
    package func dueCount(at now: MonotonicInstant) -> Int {
        guard now >= startAt else { return 0 }
        var count = Int(Double(now.nanoseconds - startAt.nanoseconds) / nanosecondsEach) + 1
        // The division and the multiplication above round each in its own way.
        while count > 0, instant(of: count - 1) > now { count -= 1 }
        while instant(of: count) <= now { count += 1 }
        return count
    }
}
