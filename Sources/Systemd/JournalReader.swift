// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CSystemd
internal import Glibc

/// Reads what one unit writes into this host's journal, from where it was left (sd-journal(3)).
///
/// The files are root's and the group's `systemd-journal`: root needs no capability to read them. Stays on one thread.
@safe package final class JournalReader {
    /// One entry.
    package struct Line: Hashable, Sendable {
        package var at: WallInstant
        /// MESSAGE, at most ``lineBytesMax`` bytes of it.
        package var text: String
    }

    package static let lineBytesMax = 4096
    private let handle: OpaquePointer

    /// Opens the journal of this host, or the files in `directory`.
    ///
    /// - Parameter unit: such as `ipsec.service`.
    /// - Parameter cursor: where to go on; nothing, or one the journal no longer knows, begins at its end.
    /// - Returns: nothing where there is no journal, or none that may be read.
    package init?(unit: String, after cursor: String? = nil, directory: String? = nil) {
        var opened: OpaquePointer?
        let status =
            if let directory {
                unsafe sd_journal_open_directory(&opened, directory, 0)
            } else {
                unsafe sd_journal_open(&opened, CInt(SD_JOURNAL_LOCAL_ONLY) | CInt(SD_JOURNAL_SYSTEM))
            }
        guard status == 0, let opened = unsafe opened else { return nil }
        guard unsafe Self.begin(opened, unit: unit, after: cursor) else {
            unsafe sd_journal_close(opened)
            return nil
        }
        unsafe handle = opened
    }

    /// Goes to where reading begins.
    private static func begin(_ journal: OpaquePointer, unit: String, after cursor: String?) -> Bool {
        let match = "_SYSTEMD_UNIT=\(unit)"
        guard unsafe sd_journal_add_match(journal, match, match.utf8.count) == 0 else { return false }
        if let cursor, unsafe sd_journal_seek_cursor(journal, cursor) == 0, unsafe sd_journal_next(journal) > 0 {
            // The entry itself was read already; where it is gone, another stands in its place.
            if unsafe sd_journal_test_cursor(journal, cursor) <= 0 { _ = unsafe sd_journal_previous(journal) }
            return true
        }
        guard unsafe sd_journal_seek_tail(journal) == 0 else { return false }
        _ = unsafe sd_journal_previous(journal)
        return true
    }

    deinit { unsafe sd_journal_close(handle) }

    /// The next entries, oldest first; none when there are none yet.
    package func read(countMax: Int) -> [Line] {
        // New and rotated files are taken note of here; it does not wait.
        _ = unsafe sd_journal_wait(handle, 0)
        var lines: [Line] = []
        while lines.count < countMax, unsafe sd_journal_next(handle) > 0 {
            var bytes: UnsafeRawPointer?
            var count = 0
            guard unsafe sd_journal_get_data(handle, "MESSAGE", &bytes, &count) == 0, let bytes = unsafe bytes else {
                continue
            }
            // SAFETY: valid until the next call on this journal, `count` bytes long; copied here.
            let field = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
            let text = unsafe String(
                decoding: field.dropFirst("MESSAGE=".utf8.count).prefix(Self.lineBytesMax),
                as: UTF8.self
            )
            var microseconds: UInt64 = 0
            _ = unsafe sd_journal_get_realtime_usec(handle, &microseconds)
            lines.append(Line(at: WallInstant(milliseconds: Int64(clamping: microseconds / 1000)), text: text))
        }
        return lines
    }

    /// Where it stands, to go on from there another time.
    package var cursor: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe sd_journal_get_cursor(handle, &text) == 0, let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
