// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Synchronization

/// What the gate has done since it started; workers add, anybody reads.
final class GateCounters: Sendable {
    let handshakes = Atomic<Int>(0)
    let admitted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    /// From people to targets, and back: of sessions that have ended, and of live ones.
    let bytesIn = Atomic<Int>(0)
    let bytesOut = Atomic<Int>(0)
    private let refusals = Mutex<[String: Int]>([:])
    private let handshakeFaults = Mutex<[Int]>([Int](repeating: 0, count: HandshakeFault.count))
    private let targetFaults = Mutex<[String: Int]>([:])
    private let ends = Mutex<[String: Int]>([:])

    func countRefusal(_ code: String) {
        refused.add(1, ordering: .relaxed)
        refusals.withLock { $0[code, default: 0] += 1 }
    }

    func countFault(_ fault: HandshakeFault) { handshakeFaults.withLock { $0[fault.rawValue] += 1 } }

    func countTargetFault(_ target: String) { targetFaults.withLock { $0[target, default: 0] += 1 } }

    func countEnd(_ reason: String) { ends.withLock { $0[reason, default: 0] += 1 } }

    var refusalsByReason: [String: Int] { refusals.withLock { $0 } }

    var faults: [(HandshakeFault, Int)] {
        let counts = handshakeFaults.withLock { $0 }
        return HandshakeFault.allCases.map { ($0, counts[$0.rawValue]) }
    }

    var faultsByTarget: [String: Int] { targetFaults.withLock { $0 } }
    var endsByReason: [String: Int] { ends.withLock { $0 } }
}
