// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO

/// Where a log lies: its files, each named after its first line's number, and what is kept beside them.
package struct AuditFolder: Hashable, Sendable {
    /// Digits of a number in a name: names sort as the lines do.
    private static let digitCount = 12
    /// The mode of everything in it: its owner writes, its group reads, unless the umask has a say; in its unit nobody but the
    /// owner reads.
    static let fileMode: UInt32 = 0o640

    package let path: String

    package init(_ path: String) { self.path = path }

    /// The log's last line, signed, as of the last second.
    package var head: String { "\(path)/head" }
    /// Room that is kept for the last words on a full volume.
    var reserve: String { "\(path)/reserve" }
    /// Locked by who writes.
    var lock: String { "\(path)/lock" }
    /// How far the copy has come.
    package var position: String { "\(path)/forwarded" }
    /// The public keys that ever signed, for whoever copies the folder away.
    package var publicKeys: String { "\(path)/audit.pub" }

    package func path(of name: String) -> String { "\(path)/\(name)" }

    /// The names of the log's files, in the order of their lines.
    package func files() throws(Errno) -> [String] {
        try FileStore.names(in: path).filter { Self.firstSeq(of: $0) != nil }
    }

    static func name(firstSeq seq: Int, ending: String = "jsonl") -> String {
        let digits = String(seq)
        return "audit-\(String(repeating: "0", count: max(0, digitCount - digits.utf8.count)))\(digits).\(ending)"
    }

    /// The number a file's name says its first line has; nothing for another file.
    package static func firstSeq(of name: String) -> Int? {
        guard name.hasPrefix("audit-"), name.hasSuffix(".jsonl"),
            let seq = Int(name.dropFirst(6).dropLast(6)), seq > 0, self.name(firstSeq: seq) == name
        else { return nil }
        return seq
    }
}
