// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// Lines for the log, gathered over one turn of the loop and handed over whole; and what is only counted.
extension Worker {
    func countRefusal(_ reason: DenialReason) { counters.countRefusal(reason) }

    func countMalformed() { counters.malformed.add(1, ordering: .relaxed) }

    /// Whether one more refusal line may be written now; the rest is counted.
    func maySayRefusal() -> Bool {
        if refusalBucket.take(&refusalLines, now: now) == nil { return true }
        counters.logLinesSkipped.add(1, ordering: .relaxed)
        return false
    }

    /// Appends one line to this turn's; `time` comes first in each.
    func log(_ write: (inout JSONWriter) -> Void) {
        if timeTextAt != wallNow.milliseconds {
            timeTextAt = wallNow.milliseconds
            timeText = Array(wallNow.rfc3339.utf8)
        }
        var taken = ByteBuffer()
        swap(&taken, &lines)
        var line = JSONWriter(taken)
        let time = timeText
        line.field("time", ascii: time.span)
        write(&line)
        lines = line.finish()
        lines.append(UInt8(ascii: "\n"))
    }

    func logConnectionRefusal(_ reason: DenialReason, _ peer: IPEndpoint, _ listener: Listener) {
        guard maySayRefusal() else { return }
        log { line in
            line.field("event", "refusal" as StaticString)
            line.field("reason", reason.code)
            line.field("listener", listener.side == .partners ? "partners" : "internal" as StaticString)
            line.field("peer", peer.description)
        }
    }

    func flushLog() {
        guard !lines.isEmpty else { return }
        environment.log.write(lines.array)
        lines.removeAll()
    }
}
