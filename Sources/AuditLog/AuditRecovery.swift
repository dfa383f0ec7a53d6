// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO
internal import TLS

/// What an earlier run left in the folder, and where a new one goes on.
///
/// Nothing that is there is changed, but for half a line behind the last whole one, which a crash in the middle of a
/// write leaves: that is set aside in a file of its own, and the start says so. What was altered stays as it is, too:
/// the log goes on behind it and says that it was.
struct AuditRecovery {
    /// The last line there is or is known to have been.
    var head = TrailHead.empty
    /// Lines behind the last checkpoint.
    var unsignedCount = 0
    /// The file to go on with, and its length; nothing begins a new one.
    var last: (name: String, byteCount: Int)?
    /// For the line that says that the log was started.
    var details: [AuditEvent.Detail] = []
    /// Whether what was found is as it was left.
    var isSound = true

    init(_ settings: AuditSettings) throws(Errno) {
        let folder = settings.folder
        let keys = Self.keys(settings)
        let files = try folder.files()
        var lastKind: AuditKind?
        // A file just begun may hold no line yet.
        for name in files.reversed() {
            let read = try Self.read(name, folder, keys)
            if last == nil {
                last = (name, read.byteCount)
                if read.tornCount > 0 { try setAside(behind: read, name, folder) }
            }
            guard read.report.lineCount > 0 else { continue }
            head = read.report.head
            unsignedCount = read.report.unsignedCount
            lastKind = read.lastKind
            if let finding = read.report.findings.first(where: { $0.kind != .removed || $0.seq > 1 }) {
                isSound = false
                details.append(.init("trouble", "\(finding.place): \(finding.kind.rawValue): \(finding.text)"))
            }
            break
        }
        compareWithHead(settings, keys)
        let after = head.seq == 0 ? "nothing" : lastKind == .logStop ? "stop" : "crash"
        details.insert(.init("after", after), at: 0)
    }

    /// Ours, and those beside the log: it goes on after its key was changed, and no alarm is due for that. Who verifies
    /// trusts none of them but those he has himself.
    private static func keys(_ settings: AuditSettings) -> [Ed25519.PublicKey] {
        let text = (try? FileStore.read(settings.folder.publicKeys, byteCountMax: 1 << 20)) ?? []
        return [settings.key.publicKey] + ((try? Ed25519.PublicKey.all(pem: text)) ?? [])
    }

    /// The head beside the log may know of more lines than there are: they are missing, and their numbers stay theirs.
    private mutating func compareWithHead(_ settings: AuditSettings, _ keys: [Ed25519.PublicKey]) {
        guard let bytes = try? FileStore.read(settings.folder.head, byteCountMax: 4096) else {
            // It is written at each start: who cuts the end of the log takes it away.
            if head.seq > 0 { doubt("missing") }
            return
        }
        guard let known = SignedHead(text: String(decoding: bytes, as: UTF8.self)),
            known.isValid(for: keys)
        else {
            return doubt("not signed with a key of this log")
        }
        if !known.isValid(for: [settings.key.publicKey]) { details.append(.init("key_before", "another")) }
        if known.head.seq > head.seq {
            details.append(.init("lost", "\(head.seq + 1)-\(known.head.seq)"))
            isSound = false
            unsignedCount = 0
            head = known.head
        } else if known.head.seq == head.seq, known.head.hash != head.hash {
            // The last line was altered: the next one follows the one that was written.
            details.append(.init("trouble", "line \(head.seq) is not the one that was written"))
            isSound = false
            head = known.head
        }
    }

    /// Whether lines are missing cannot be known.
    private mutating func doubt(_ why: String) {
        details.append(.init("head", why))
        isSound = false
    }

    /// In pieces: a power cut may leave a long end of zeros.
    private mutating func setAside(behind read: Reading, _ name: String, _ folder: AuditFolder) throws(Errno) {
        let aside = "\(name.dropLast(6))-\(Hex.encode(Random.bytes(4))).torn"
        let whole = try FileStore.open(folder.path(of: name))
        let copy = try FileStore.create(folder.path(of: aside), mode: AuditFolder.fileMode)
        var offset = read.byteCount
        var piece = ByteBuffer()
        while case .received = try whole.read(into: &piece, byteCountMax: 256 << 10, at: offset) {
            try copy.writeAll(piece.bytes)
            offset += piece.count
            piece.removeAll()
        }
        try copy.synchronize()
        let file = try FileStore.openToWrite(folder.path(of: name), mode: AuditFolder.fileMode)
        try file.resize(to: read.byteCount)
        try file.synchronize()
        details += [.init("torn_bytes", read.tornCount), .init("torn_file", aside)]
    }

    private struct Reading {
        var report: TrailReport
        /// Up to the last newline.
        var byteCount: Int
        /// Behind it.
        var tornCount: Int
        /// Of the last line that is no checkpoint.
        var lastKind: AuditKind?
    }

    private static func read(
        _ name: String,
        _ folder: AuditFolder,
        _ keys: [Ed25519.PublicKey]
    ) throws(Errno) -> Reading {
        var reader = try LineReader(folder.path(of: name))
        var verifier = TrailVerifier(keys: keys)
        verifier.begin(file: name)
        var last: (line: [UInt8], before: [UInt8]) = ([], [])
        while let line = try reader.next() {
            verifier.add(line)
            last = (line, last.line)
        }
        let kinds = [last.line, last.before].compactMap { TrailLine($0)?.event.kind }
        return Reading(
            report: verifier.finish(),
            byteCount: reader.offset,
            tornCount: reader.unfinished,
            lastKind: kinds.first { $0 != .logCheckpoint }
        )
    }
}
