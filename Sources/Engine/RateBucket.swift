// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Synchronization

/// A token bucket as one number: the generic cell rate algorithm (ITU-T I.371, annex A).
///
/// The number is the theoretical arrival time of the next token. Sans-I/O; the caller passes the time.
package struct RateBucket: Hashable, Sendable {
    /// Nanoseconds between two tokens at the sustained rate.
    package let interval: UInt64
    /// How far ahead of the sustained rate a burst may run, in nanoseconds.
    package let tolerance: UInt64

    /// - Precondition: `perSecond` and `burst` are at least 1.
    package init(perSecond: Int, burst: Int) {
        invariant(perSecond >= 1 && burst >= 1, "a bucket needs a rate and a burst")
        interval = max(1, 1_000_000_000 / UInt64(perSecond))
        tolerance = interval * UInt64(burst - 1)
    }

    /// Takes one token at `now`.
    ///
    /// - Parameter arrival: the bucket's number; 0 is a full bucket.
    /// - Returns: nothing when a token was there, otherwise how long until there is one; the number is
    ///   then unchanged.
    package func take(_ arrival: inout UInt64, now: MonotonicInstant) -> Duration? {
        let next = max(arrival, now.nanoseconds)
        guard next - now.nanoseconds <= tolerance else {
            return .nanoseconds(Int64(clamping: next - now.nanoseconds - tolerance))
        }
        arrival = next + interval
        return nil
    }
}

extension RateBucket {
    /// The same burst, refilled `factor` times slower.
    package func slowed(by factor: UInt64) -> RateBucket {
        RateBucket(interval: interval * factor, tolerance: tolerance * factor)
    }

    private init(interval: UInt64, tolerance: UInt64) {
        self.interval = interval
        self.tolerance = tolerance
    }
}

/// A bucket that every loop draws from without a lock.
package struct SharedRateBucket: ~Copyable, Sendable {
    private let arrival = Atomic<UInt64>(0)

    package init() {}

    /// The same as ``RateBucket/take(_:now:)``.
    package borrowing func take(_ bucket: RateBucket, now: MonotonicInstant) -> Duration? {
        var seen = arrival.load(ordering: .relaxed)
        while true {
            var next = seen
            if let wait = bucket.take(&next, now: now) { return wait }
            let (exchanged, original) = arrival.compareExchange(expected: seen, desired: next, ordering: .relaxed)
            if exchanged { return nil }
            seen = original
        }
    }

    /// Undoes one ``take(_:now:)`` that found a token.
    ///
    /// - Precondition: the same bucket's.
    package borrowing func giveBack(_ bucket: RateBucket) {
        // Taking it has put the number that much ahead, and nothing but this puts it back.
        arrival.wrappingSubtract(bucket.interval, ordering: .relaxed)
    }
}
