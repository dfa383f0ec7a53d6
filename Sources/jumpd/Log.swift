// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
internal import Systemd

/// One line to whoever started us; to the journal as an entry with fields, where that is who.
enum Log {
    /// One line, and the partner it is about, if it is about one.
    struct Line: Hashable {
        var text: String
        var partner: String?
    }

    private static let journal = JournalStream.isStandardError ? JournalSocket() : nil

    static func write(_ line: String, priority: JournalPriority = .information) {
        write(Line(text: line), priority: priority)
    }

    static func write(_ line: Line, priority: JournalPriority = .information) {
        if let journal, send(line, priority, to: journal) { return }
        StandardStream.error.write("jumpd: \(line.text)\n")
    }

    private static func send(_ line: Line, _ priority: JournalPriority, to journal: JournalSocket) -> Bool {
        var entry = JournalEntry()
        entry.append("MESSAGE", line.text)
        entry.append(priority)
        entry.append("SYSLOG_IDENTIFIER", "jumpd")
        if let partner = line.partner { entry.append("PARTNER", partner) }
        // A journal that is behind gets a moment; then the line goes the way it would without one.
        if journal.send(entry) == .sent { return true }
        return journal.waitForRoom(milliseconds: 100) && journal.send(entry) == .sent
    }
}
