// SPDX-License-Identifier: Apache-2.0

/// What the kernel tells of a running program, read from the texts under `/proc` (proc(5)).
package enum ProgramAccount {
    /// Nanoseconds on a processor: the first number of a thread's `schedstat`.
    package static func nanoseconds(schedstat text: [UInt8]) -> UInt64? {
        UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
    }

    /// Bytes of the `VmRSS` line of `status`.
    package static func residentBytes(status text: [UInt8]) -> Int? {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }
            guard words.count == 3, words[0] == "VmRSS:", words[2] == "kB", let count = Int(words[1]) else { continue }
            return count * 1024
        }
        return nil
    }
}
