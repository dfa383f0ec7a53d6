// SPDX-License-Identifier: Apache-2.0
package import Base

/// A point on the relay's own clock, in milliseconds since 1970-01-01T00:00:00Z.
///
/// It starts from the wall clock when the relay starts and then follows the monotonic one: a clock step
/// neither wakes every delivery at once nor puts one off, and what is stored still means something to the
/// next process.
package struct ScheduleInstant: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (left: Self, right: Duration) -> Self {
        let (sum, overflowed) = left.milliseconds.addingReportingOverflow(right.milliseconds)
        return Self(milliseconds: overflowed ? .max : sum)
    }

    package static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }

    package static func - (left: Self, right: Self) -> Duration {
        .milliseconds(left.milliseconds.subtractingReportingOverflow(right.milliseconds).partialValue)
    }

    package var wall: WallInstant { WallInstant(milliseconds: milliseconds) }
}
