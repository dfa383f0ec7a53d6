// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Synchronization

/// Threads that begin together and are waited for.
enum Threads {
    private final class Gate: Sendable {
        let arrived = Atomic<Int>(0)
    }

    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws(Errno) {
        let gate = Gate()
        let ended = try Mailbox<Int>(countMax: count)
        for index in 0..<count {
            _ = try OwnedThread(name: "test-\(index)") {
                gate.arrived.add(1, ordering: .acquiringAndReleasing)
                while gate.arrived.load(ordering: .acquiring) < count {}
                body(index)
                _ = ended.post(index)
            }
        }
        var endedCount = 0
        while endedCount < count { endedCount += ended.drain(timeout: nil).count }
    }
}
