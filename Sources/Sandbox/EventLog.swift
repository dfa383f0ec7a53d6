// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO
internal import Synchronization

/// Where a simulator writes its events: one JSON object a line, and the last of them in memory.
package final class EventLog: Sendable {
    private static let countMax = 10_000

    private let role: String
    private let output: StandardStream?
    private let kept = Mutex<[Event]>([])

    /// - Parameter output: where the lines go; nothing keeps them in memory only.
    package init(role: String, output: StandardStream?) {
        self.role = role
        self.output = output
    }

    /// The events so far, oldest first.
    package var events: [Event] { kept.withLock { $0 } }

    /// Stamps and writes one event; `fill` sets what is known of it.
    package func write(_ kind: Event.Kind, _ fill: (inout Event) -> Void) {
        var event = Event(kind, role: role, at: Clock.wall().rfc3339)
        fill(&event)
        let line = JSON.encode(event) + [UInt8(ascii: "\n")]
        // The lock also keeps lines of two threads apart.
        kept.withLock { kept in
            if kept.count == Self.countMax { kept.removeFirst(Self.countMax / 2) }
            kept.append(event)
            output?.write(line)
        }
    }

    /// Waits until an event satisfies `isWanted`, and gives it back; nothing when `timeout` passes first.
    package func first(within timeout: Duration, where isWanted: (Event) -> Bool) -> Event? {
        let deadline = Clock.monotonic() + timeout
        while true {
            if let event = events.first(where: isWanted) { return event }
            guard Clock.monotonic() < deadline else { return nil }
            Clock.sleep(.milliseconds(5))
        }
    }
}
