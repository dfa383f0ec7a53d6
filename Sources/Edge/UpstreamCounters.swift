// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// What is counted about one upstream target by name, over all workers and reloads.
///
/// Not inlined for the reason ``PartnerRuntime`` has.
final class UpstreamCounters: Sendable {
    let live = Atomic<Int>(0)
    let idle = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    private let last = Mutex<(at: WallInstant, why: String)?>(nil)

    /// An exchange begins.
    ///
    /// - Parameter wasIdle: on a connection that was idle.
    @inline(never)
    func exchangeBegan(wasIdle: Bool) {
        requests.wrappingAdd(1, ordering: .relaxed)
        if wasIdle { idle.wrappingSubtract(1, ordering: .relaxed) }
    }

    /// A connection is idle now.
    @inline(never)
    func becameIdle() { idle.wrappingAdd(1, ordering: .relaxed) }

    func countFailure(_ why: String, at instant: WallInstant) {
        failures.add(1, ordering: .relaxed)
        last.withLock { $0 = (instant, why) }
    }

    var lastFailure: (at: WallInstant, why: String)? { last.withLock { $0 } }
}
