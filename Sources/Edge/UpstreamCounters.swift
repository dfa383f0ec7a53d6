// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// What is counted about one upstream target by name, over all workers and reloads.
final class UpstreamCounters: Sendable {
    let live = Atomic<Int>(0)
    let idle = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    private let last = Mutex<(at: WallInstant, why: String)?>(nil)

    func countFailure(_ why: String, at instant: WallInstant) {
        failures.add(1, ordering: .relaxed)
        last.withLock { $0 = (instant, why) }
    }

    var lastFailure: (at: WallInstant, why: String)? { last.withLock { $0 } }
}
