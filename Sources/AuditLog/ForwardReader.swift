// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// Reads the log's files one behind the other, never past what its writer has finished.
struct ForwardReader: ~Copyable {
    private let folder: AuditFolder
    private let progress: AuditProgress
    private var reader: LineReader?
    /// Behind the last line read.
    private(set) var position: ForwardPosition

    init(_ folder: AuditFolder, _ progress: AuditProgress, from position: ForwardPosition) {
        self.folder = folder
        self.progress = progress
        self.position = position
    }

    /// The next line, or nothing when the log has no more.
    mutating func next() throws(Errno) -> (bytes: [UInt8], line: TrailLine?)? {
        let written = progress.current
        while true {
            if reader == nil, try !open(through: written) { return nil }
            let limit = position.file == written.file ? written.byteCount : .max
            if let bytes = try reader?.next(limit: limit) {
                let line = TrailLine(bytes)
                position.offset = reader?.offset ?? position.offset
                position.seq = line?.seq ?? position.seq
                return (bytes, line)
            }
            guard position.file < written.file else { return nil }
            // Nothing is added to this one any more.
            reader = nil
            let names = try folder.files()
            guard let next = names.first(where: { $0 > position.file }), next <= written.file else { return nil }
            (position.file, position.offset) = (next, 0)
        }
    }

    /// Opens the file of the position, or the first one behind it where that is gone.
    ///
    /// What was copied may not be there any more, or be another log: then everything there is goes out again. More of
    /// the log is no harm, less of it is.
    private mutating func open(through written: AuditProgress.Snapshot) throws(Errno) -> Bool {
        guard !written.file.isEmpty else { return false }
        if position.seq > written.head.seq { position = ForwardPosition() }
        let names = try folder.files()
        if !names.contains(position.file) {
            guard let next = names.first(where: { $0 > position.file }) else { return false }
            (position.file, position.offset) = (next, 0)
        }
        guard position.file <= written.file else { return false }
        let path = folder.path(of: position.file)
        if try !Self.isLineEnd(position.offset, path) { position.offset = 0 }
        reader = try LineReader(path, from: position.offset)
        return true
    }

    private static func isLineEnd(_ offset: Int, _ path: String) throws(Errno) -> Bool {
        guard offset > 0 else { return true }
        var byte = ByteBuffer()
        let file = try FileStore.open(path)
        guard case .received = try file.read(into: &byte, byteCountMax: 1, at: offset - 1) else { return false }
        return byte.array == [UInt8(ascii: "\n")]
    }
}
