// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// How far the log was copied: behind a line of a file.
struct ForwardPosition: Hashable, Sendable {
    /// Nothing before the first line.
    var file = ""
    /// Where the next line begins.
    var offset = 0
    /// Of the last line copied.
    var seq = 0

    init() {}

    /// - Returns: the beginning where nothing was remembered, or nothing that can be read.
    init(in folder: AuditFolder) {
        guard let bytes = try? FileStore.read(folder.position, byteCountMax: 4096) else { return }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard words.count == 4, words[3] == "\n", AuditFolder.firstSeq(of: String(words[0])) != nil,
            let offset = Int(words[1]), offset >= 0, let seq = Int(words[2]), seq >= 0
        else { return }
        (file, self.offset, self.seq) = (String(words[0]), offset, seq)
    }

    func save(in folder: AuditFolder) throws(Errno) {
        let text = Array("\(file) \(offset) \(seq) \n".utf8)
        try FileStore.replace(folder.position, with: text.span, mode: AuditFolder.fileMode)
    }
}
