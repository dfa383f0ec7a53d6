// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import Synchronization

/// What is counted about one partner: it outlives every reload, and all workers share it.
///
/// What a request does here is not inlined, nor what calls it: an object is retained and released where an `Atomic`
/// of it is used, or a method called, unless it is the caller's own or a constant of the caller's.
final class PartnerRuntime: Sendable {
    let requestsTotal = Atomic<Int>(0)
    /// What became of them.
    let answers = StatusClassCounter()
    /// From the end of a request's head to the last byte of its answer.
    let durations = DurationHistogram()
    let refusedTotal = Atomic<Int>(0)
    /// Requests being answered now.
    let concurrent = Atomic<Int>(0)
    let connectionsLive = Atomic<Int>(0)
    /// Seconds since 1970 of the last request; 0 for none yet.
    let lastRequestSeconds = Atomic<Int>(0)

    private let rate = SharedRateBucket()
    private let failedCredentials = SharedRateBucket()
    private let refusals = Mutex<[String: Int]>([:])

    /// Ten wrong credentials, then one a minute.
    private static let failedCredentialBucket = RateBucket(perSecond: 1, burst: 10).slowed(by: 60)

    /// Takes one request from the partner's rate; false when there is none now.
    @inline(never)
    func mayTakeRequest(_ bucket: RateBucket, now: MonotonicInstant) -> Bool { rate.take(bucket, now: now) == nil }

    /// Whether another unproven credential may be checked now; every check of one costs a token until it was right,
    /// so that guessing is slow and hashing cannot be used to exhaust a worker.
    func mayCheckCredential(now: MonotonicInstant) -> Bool {
        failedCredentials.take(Self.failedCredentialBucket, now: now) == nil
    }

    /// The credential that was checked is right: as many workers and clients as there are may prove it.
    func credentialWasRight() { failedCredentials.giveBack(Self.failedCredentialBucket) }

    /// Reserves a place among the concurrent requests; false when all are taken.
    @inline(never)
    func enter(concurrentMax: Int) -> Bool {
        guard concurrent.wrappingAdd(1, ordering: .relaxed).newValue <= concurrentMax else {
            concurrent.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    @inline(never)
    func leave() { concurrent.wrappingSubtract(1, ordering: .relaxed) }

    @inline(never)
    func countRequest(at seconds: Int64) {
        requestsTotal.wrappingAdd(1, ordering: .relaxed)
        lastRequestSeconds.store(Int(seconds), ordering: .relaxed)
    }

    /// An answer is complete or cut.
    @inline(never)
    func countAnswer(status: Int, microseconds: Int) {
        answers.count(status: status)
        durations.count(microseconds: microseconds)
    }

    func connectionBegan() { connectionsLive.wrappingAdd(1, ordering: .relaxed) }

    func connectionEnded() { connectionsLive.wrappingSubtract(1, ordering: .relaxed) }

    func countRefusal(_ code: String) {
        refusedTotal.add(1, ordering: .relaxed)
        refusals.withLock { $0[code, default: 0] += 1 }
    }

    var refusalsByReason: [String: Int] { refusals.withLock { $0 } }
}
