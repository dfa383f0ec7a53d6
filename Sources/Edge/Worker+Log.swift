// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import Synchronization

/// What a worker says about itself: lines for the log, and what is only counted.
extension Worker {
    func countRefusal(_ reason: DenialReason) { counters.countRefusal(reason) }

    @inline(never)
    func countRequest() { counters.countRequest() }

    @inline(never)
    func countAnswer() { counters.countAnswer() }

    func countMalformed() { counters.malformed.add(1, ordering: .relaxed) }

    /// Whether one more refusal line may be written now; the rest is counted.
    func maySayRefusal() -> Bool {
        if refusalBucket.take(&refusalLines, now: now) == nil { return true }
        counters.logLinesSkipped.add(1, ordering: .relaxed)
        return false
    }

    /// Appends one line; `time` comes first in each.
    func log(_ write: (inout JSONWriter) -> Void) { lines.append(at: wallNow, now, write) }

    func logConnectionRefusal(_ reason: DenialReason, _ peer: IPEndpoint, _ listener: Listener) {
        guard maySayRefusal() else { return }
        log { line in
            line.field("event", "refusal" as StaticString)
            line.field("reason", reason.code)
            line.field("listener", listener.side == .partners ? "partners" : "internal" as StaticString)
            line.field("peer", peer.description)
        }
    }
}
