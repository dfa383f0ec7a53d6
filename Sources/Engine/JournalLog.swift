// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Systemd

/// The log's way into the journal: each line an entry, with the fields that `journalctl` finds it by.
///
/// The entry's text is the line itself, so that whoever reads the journal with a JSON tool reads what a file would hold.
package struct JournalLog: Sendable {
    private static let lineBytesMax = 48 << 10

    private let socket: JournalSocket
    /// `SYSLOG_IDENTIFIER`.
    private let name: String
    /// Whether the lines about requests go there, too; else only what is said of refusals and of the program.
    let takesAccess: Bool

    init(_ socket: JournalSocket, name: String = "eigd", takesAccess: Bool) {
        self.name = name
        self.socket = socket
        self.takesAccess = takesAccess
    }

    /// The journal, when systemd connected this process to it; everything else stays as it is without.
    ///
    /// Where standard output goes elsewhere, to a file for instance, so do the lines about requests.
    package static func ofProcess(named name: String) -> JournalLog? {
        let takesAccess = JournalStream.isStandardOutput
        guard takesAccess || JournalStream.isStandardError, let socket = JournalSocket() else { return nil }
        return JournalLog(socket, name: name, takesAccess: takesAccess)
    }

    /// Sends one line, and waits for a journal that is behind; on the log's own thread only.
    ///
    /// - Parameter entry: scratch.
    /// - Returns: false when the line is not for the journal, or nobody takes it: it goes where it would without one.
    func take(_ line: Span<UInt8>, _ entry: inout JournalEntry, _ heartbeat: Heartbeat) -> Bool {
        guard line.count <= Self.lineBytesMax else { return false }
        let fields = LogLineFields(line)
        let isAccess = fields.event.map { LogLineFields.equal(line, $0, "access") } ?? false
        if isAccess, !takesAccess { return false }
        entry.removeAll()
        entry.append("MESSAGE", line)
        entry.append(isAccess ? .information : Self.priority(line, fields.event))
        entry.append("SYSLOG_IDENTIFIER", name)
        if let event = fields.event { entry.append("EVENT", line.extracting(event)) }
        if let partner = fields.partner { entry.append("PARTNER", line.extracting(partner)) }
        if let request = fields.request { entry.append("REQUEST_ID", line.extracting(request)) }
        if let reason = fields.reason { entry.append("REASON", line.extracting(reason)) }
        while true {
            switch socket.send(entry) {
            case .sent: return true
            case .tooLong, .unreachable: return false
            case .full:
                // A journal that takes nothing is no fault of this thread; what waits behind it is bounded and counted.
                heartbeat.pause()
                _ = socket.waitForRoom(milliseconds: 1000)
                heartbeat.beat()
            }
        }
    }

    private static func priority(_ line: Span<UInt8>, _ event: Range<Int>?) -> JournalPriority {
        guard let event else { return .information }
        func isOne(_ words: [String]) -> Bool {
            for word in words where LogLineFields.equal(line, event, word) { return true }
            return false
        }
        if isOne(["break_glass"]) { return .alert }
        if isOne(["reload_refused"]) { return .error }
        if isOne([
            "listen_differs", "log_lines_lost", "upstream_failure", "tls_library", "lockout", "session_lost", "warning",
        ]) {
            return .warning
        }
        return isOne(["refusal", "login_failed", "handshake_failed"]) ? .notice : .information
    }
}
