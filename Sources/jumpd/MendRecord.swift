// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Systemd

/// What was put back since the start because somebody else had changed it.
struct MendRecord {
    private static let linesMax = 16

    /// With their times, newest last; the last ones only.
    private(set) var lines: [String] = []
    /// Of all of them.
    private(set) var count = 0

    /// Says so in the log, and keeps it.
    mutating func note(_ changes: [Log.Line], at now: WallInstant) {
        for change in changes {
            Log.write(Log.Line(text: "mended: \(change.text)", partner: change.partner), priority: .warning)
            lines.append("\(now.rfc3339) \(change.text)")
        }
        count += changes.count
        lines.removeFirst(max(0, lines.count - Self.linesMax))
    }
}
