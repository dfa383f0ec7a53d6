// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// One entry for systemd's journal, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
struct JournalEntry {
    /// syslog(3).
    enum Priority: Int {
        case warning = 4
    }

    private static let socketPath = "/run/systemd/journal/socket"

    /// Names of A-Z, 0-9 and `_`, not beginning with `_`.
    var fields: [(name: String, value: String)]

    init(priority: Priority, message: String) {
        fields = [
            ("MESSAGE", message), ("PRIORITY", String(priority.rawValue)), ("SYSLOG_IDENTIFIER", "eigctl"),
        ]
    }

    /// One line a field: what it says is made printable first, so that none of them has a newline.
    var bytes: [UInt8] { fields.flatMap { Array("\($0.name)=\($0.value.printable)\n".utf8) } }

    static func send(_ bytes: [UInt8]) throws(Failure) {
        do throws(Errno) {
            try UnixSockets.sendDatagram(bytes.span, to: socketPath)
        } catch {
            throw Failure(
                code: "no_journal",
                message: "\(socketPath): \(error)",
                hint: "is systemd-journald running? leave `--journal` out where it is not"
            )
        }
    }
}
