// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// A token bucket as one number: the generic cell rate algorithm (ITU-T I.371, annex A).
///
/// The number is the theoretical arrival time of the next token. Sans-I/O; the caller passes the time.
struct RateBucket: Hashable, Sendable {
    /// Nanoseconds between two tokens at the sustained rate.
    let interval: UInt64
    /// How far ahead of the sustained rate a burst may run, in nanoseconds.
    let tolerance: UInt64

    /// - Precondition: `perSecond` and `burst` are at least 1.
    init(perSecond: Int, burst: Int) {
        invariant(perSecond >= 1 && burst >= 1, "a bucket needs a rate and a burst")
        interval = max(1, 1_000_000_000 / UInt64(perSecond))
        tolerance = interval * UInt64(burst - 1)
    }

    /// Takes one token at `now`.
    ///
    /// - Parameter arrival: the bucket's number; 0 is a full bucket.
    /// - Returns: nothing when a token was there, otherwise how long until there is one; the number is
    ///   then unchanged.
    func take(_ arrival: inout UInt64, now: MonotonicInstant) -> Duration? {
        let next = max(arrival, now.nanoseconds)
        guard next - now.nanoseconds <= tolerance else {
            return .nanoseconds(Int64(clamping: next - now.nanoseconds - tolerance))
        }
        arrival = next + interval
        return nil
    }
}

/// A bucket that every worker draws from without a lock.
struct SharedRateBucket: ~Copyable, Sendable {
    private let arrival = Atomic<UInt64>(0)

    /// The same as ``RateBucket/take(_:now:)``.
    borrowing func take(_ bucket: RateBucket, now: MonotonicInstant) -> Duration? {
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
    borrowing func giveBack(_ bucket: RateBucket) {
        // Taking it has put the number that much ahead, and nothing but this puts it back.
        arrival.wrappingSubtract(bucket.interval, ordering: .relaxed)
    }
}
