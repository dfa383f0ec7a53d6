// SPDX-License-Identifier: Apache-2.0

/// A point on CLOCK_MONOTONIC: what every timer and deadline counts in, untouched by clock steps.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary point before the process started.
    package var nanoseconds: UInt64

    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Later than any instant a clock will show.
    package static let distantFuture = MonotonicInstant(nanoseconds: .max)

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Saturates at ``distantFuture``; a negative duration does not go below zero.
    package static func + (left: Self, right: Duration) -> Self {
        let step = right.nanosecondsClamped
        if step >= 0 {
            let (sum, overflowed) = left.nanoseconds.addingReportingOverflow(UInt64(step))
            return overflowed ? .distantFuture : Self(nanoseconds: sum)
        }
        let back = UInt64(step.magnitude)
        return Self(nanoseconds: left.nanoseconds > back ? left.nanoseconds - back : 0)
    }

    /// The time from `right` to `left`; negative when `right` is later.
    package static func - (left: Self, right: Self) -> Duration {
        left >= right
            ? .nanoseconds(Int64(clamping: left.nanoseconds - right.nanoseconds))
            : .nanoseconds(-Int64(clamping: right.nanoseconds - left.nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what 64 bits hold (292 years).
    package var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflowed else { return seconds < 0 ? .min : .max }
        let (sum, overflowedAgain) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowedAgain ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, rounded towards zero, clamped to what 64 bits hold.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflowed) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflowed else { return seconds < 0 ? .min : .max }
        let (sum, overflowedAgain) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflowedAgain ? (seconds < 0 ? .min : .max) : sum
    }
}
