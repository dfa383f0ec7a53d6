// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
internal import Systemd

/// What goes to standard error because it is wrong: an error in the journal, too, where that is who reads it.
enum Complaint {
    static func write(_ text: String) {
        StandardStream.error.write(JournalStream.isStandardError ? prefixed(text) : text)
    }

    /// Each line with its priority, as the journal takes it from a stream (sd-daemon(3), SD_ERR).
    static func prefixed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { "<3>\($0)\n" }.joined()
    }
}
