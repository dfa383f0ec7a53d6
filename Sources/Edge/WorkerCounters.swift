// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Synchronization

/// One worker's counters: it alone writes them, anybody may read.
///
/// Not inlined for the reason ``PartnerRuntime`` has.
final class WorkerCounters: Sendable {
    let requests = Atomic<Int>(0)
    /// Answers complete or cut.
    let answers = Atomic<Int>(0)
    let connectionsAccepted = Atomic<Int>(0)
    let connectionsLive = Atomic<Int>(0)
    let handshakesFull = Atomic<Int>(0)
    let handshakesResumed = Atomic<Int>(0)
    let malformed = Atomic<Int>(0)
    let logLinesSkipped = Atomic<Int>(0)
    /// The configuration this worker decides by.
    let generation = Atomic<Int>(1)
    /// Nanoseconds of the monotonic clock when the loop last turned.
    let heartbeat = Atomic<UInt64>(Clock.monotonic().nanoseconds)
    private let handshakeFaults = Mutex<[Int]>([Int](repeating: 0, count: HandshakeFault.count))
    private let refusals = Mutex<[Int]>([Int](repeating: 0, count: DenialReason.count))

    @inline(never)
    func countRequest() { requests.wrappingAdd(1, ordering: .relaxed) }

    @inline(never)
    func countAnswer() { answers.wrappingAdd(1, ordering: .relaxed) }

    func countHandshake(isResumed: Bool) {
        if isResumed {
            handshakesResumed.add(1, ordering: .relaxed)
        } else {
            handshakesFull.add(1, ordering: .relaxed)
        }
    }

    func countFault(_ fault: HandshakeFault) { handshakeFaults.withLock { $0[fault.rawValue] += 1 } }

    func faultCount(_ fault: HandshakeFault) -> Int { handshakeFaults.withLock { $0[fault.rawValue] } }

    func countRefusal(_ reason: DenialReason) { refusals.withLock { $0[reason.rawValue] += 1 } }

    func refusalCount(_ reason: DenialReason) -> Int { refusals.withLock { $0[reason.rawValue] } }
}
