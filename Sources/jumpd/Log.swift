// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// One line to the journal.
enum Log {
    static func write(_ line: String) { StandardStream.error.write("jumpd: \(line)\n") }
}
