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
    /// From the end of a partner's or a backend's request to the head of this upstream's answer.
    let answerDurations = DurationHistogram()
    private let failuresByCode = Mutex<[String: Int]>([:])
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

    /// The head of an answer came.
    @inline(never)
    func countAnswer(microseconds: Int) { answerDurations.count(microseconds: microseconds) }

    func countFailure(_ failure: UpstreamFailure, at instant: WallInstant) {
        failures.add(1, ordering: .relaxed)
        failuresByCode.withLock { $0[failure.code, default: 0] += 1 }
        last.withLock { $0 = (instant, failure.detail) }
    }

    /// By ``UpstreamFailure/code``; what never happened is not in it.
    var failuresByReason: [String: Int] { failuresByCode.withLock { $0 } }

    var lastFailure: (at: WallInstant, why: String)? { last.withLock { $0 } }
}
