// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// The only door between threads: many post, one drains.
///
/// Bounded: a full mailbox refuses, and the poster decides what to drop.
package final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    /// Readable while something waits.
    package let doorbell: EventCounter
    private let countMax: Int

    package init(countMax: Int) throws(Errno) {
        invariant(countMax > 0, "a mailbox needs room")
        self.countMax = countMax
        doorbell = try EventCounter()
    }

    /// - Returns: false when the mailbox is full and `message` was not taken.
    package func post(_ message: Message) -> Bool {
        let (wasTaken, isFirst) = messages.withLock { messages in
            guard messages.count < countMax else { return (false, false) }
            messages.append(message)
            return (true, messages.count == 1)
        }
        if isFirst { doorbell.ring() }
        return wasTaken
    }

    /// Takes everything posted so far, oldest first.
    ///
    /// Call on the owning thread only.
    package func drain() -> [Message] {
        doorbell.silence()
        return messages.withLock { messages in
            let taken = messages
            messages = []
            return taken
        }
    }

    /// Waits on the owning thread until something is posted or `timeout` passes; then as ``drain()``.
    package func drain(timeout: Duration?) -> [Message] {
        try? doorbell.descriptor.wait(for: .readable, timeout: timeout)
        return drain()
    }
}
