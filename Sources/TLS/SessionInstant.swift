// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Glibc

/// Now, by both clocks: lifetimes count on the one that is never set, certificates are valid by the other.
struct SessionInstant: Sendable {
    let monotonic: MonotonicInstant
    let wall: WallInstant

    /// - Parameter wallClock: what shows the wall's time; nothing is the system's clock.
    static func now(_ wallClock: (@Sendable () -> WallInstant)?) -> SessionInstant {
        let passed = read(CLOCK_MONOTONIC)
        let seen = read(CLOCK_REALTIME)
        let wall = WallInstant(seconds: Int64(seen.tv_sec), nanoseconds: UInt32(seen.tv_nsec))
        return SessionInstant(
            monotonic: MonotonicInstant(nanoseconds: UInt64(passed.tv_sec) * 1_000_000_000 + UInt64(passed.tv_nsec)),
            wall: wallClock?() ?? wall
        )
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time
    }
}
