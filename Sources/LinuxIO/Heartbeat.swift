// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// What a thread's loop shows of itself to who watches over it: the thread beats, anybody reads.
package final class Heartbeat: Sendable {
    /// Nanoseconds of the monotonic clock; the far future while the thread waits for somebody else.
    private let beatAt: Atomic<UInt64>

    package init() { beatAt = Atomic(Clock.monotonic().nanoseconds) }

    /// Called once a turn.
    package func beat() { beatAt.store(Clock.monotonic().nanoseconds, ordering: .relaxed) }

    /// What comes next may take as long as somebody outside this process likes, and is no fault of the thread;
    /// until the next ``beat()``.
    package func pause() { beatAt.store(.max, ordering: .relaxed) }

    /// Whether the last beat is no older than `age`, or the thread waits for somebody else.
    package func isFresh(within age: Duration) -> Bool {
        let beat = MonotonicInstant(nanoseconds: beatAt.load(ordering: .relaxed))
        return Clock.monotonic() - beat <= age
    }
}
