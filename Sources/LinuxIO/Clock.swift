// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// The machine's two clocks; cores never read them, shells pass the instants in.
package enum Clock {
    package static func monotonic() -> MonotonicInstant {
        let time = read(CLOCK_MONOTONIC)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func wall() -> WallInstant {
        let time = read(CLOCK_REALTIME)
        return WallInstant(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time
    }

    /// Lets the calling thread's timers fire as exactly as the kernel can: 50 µs later is the default (prctl(2)).
    package static func sharpenTimers() { _ = clinux_timer_slack(1) }

    /// Blocks the calling thread; never on a worker.
    package static func sleep(_ duration: Duration) {
        let nanoseconds = max(0, duration.nanosecondsClamped)
        var left = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var wanted = left
        while unsafe nanosleep(&wanted, &left) != 0, errno == EINTR { wanted = left }
    }
}
