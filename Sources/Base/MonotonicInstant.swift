// SPDX-License-Identifier: Apache-2.0

/// A point on CLOCK_MONOTONIC: what every timer and deadline counts in, untouched by clock steps.
@usableFromInline package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary point before the process started.
    @usableFromInline package var nanoseconds: UInt64

    @inlinable @inline(__always)
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Later than any instant a clock will show.
    @inlinable @inline(__always)
    package static var distantFuture: MonotonicInstant { MonotonicInstant(nanoseconds: .max) }

    @inlinable @inline(__always)
    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Saturates at ``distantFuture``; a negative duration does not go below zero.
    @inlinable
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
    @inlinable
    package static func - (left: Self, right: Self) -> Duration {
        left >= right
            ? .nanoseconds(Int64(clamping: left.nanoseconds - right.nanoseconds))
            : .nanoseconds(-Int64(clamping: right.nanoseconds - left.nanoseconds))
    }
}

/// How long something may take, as what is added to an instant: worked out once, where a ``Swift/Duration`` of
/// 128 bits would be divided each time.
@usableFromInline package struct Timeout: Hashable, Sendable {
    @usableFromInline let nanoseconds: UInt64

    /// - Parameter duration: one below zero is none at all.
    @inlinable @inline(__always)
    package init(_ duration: Duration) { nanoseconds = UInt64(max(0, duration.nanosecondsClamped)) }

    @inlinable @inline(__always)
    package static func seconds(_ count: Int) -> Timeout { Timeout(.seconds(count)) }

    /// Saturates at ``MonotonicInstant/distantFuture``.
    @inlinable @inline(__always)
    package static func + (instant: MonotonicInstant, timeout: Timeout) -> MonotonicInstant {
        let (sum, overflowed) = instant.nanoseconds.addingReportingOverflow(timeout.nanoseconds)
        return overflowed ? .distantFuture : MonotonicInstant(nanoseconds: sum)
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero, clamped to what 64 bits hold (292 years).
    @inlinable @inline(__always)
    package var nanosecondsClamped: Int64 { whole(1_000_000_000) }

    /// Whole milliseconds, rounded towards zero, clamped to what 64 bits hold.
    @inlinable @inline(__always)
    package var milliseconds: Int64 { whole(1_000_000_000_000_000) }

    /// How often a unit goes into it, rounded towards zero, clamped to what 64 bits hold.
    ///
    /// - Parameter unitAttoseconds: a multiple of 512.
    @inlinable @inline(__always)
    func whole(_ unitAttoseconds: UInt64) -> Int64 {
        let attoseconds = attoseconds
        // Without a division of 128 bits for what is usual: from nothing to an hour.
        if attoseconds >= 0, attoseconds < 1 << 72 {
            return Int64(truncatingIfNeeded: UInt64(truncatingIfNeeded: attoseconds >> 9) / (unitAttoseconds >> 9))
        }
        return Int64(clamping: attoseconds / Int128(unitAttoseconds))
    }
}
