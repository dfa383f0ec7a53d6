// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import LinuxIO
internal import TLS

/// Lines of the log that are known from somewhere else.
enum KnownLines {
    /// What was noted the last time; nothing the first time.
    static func remembered(_ path: String) throws(Failure) -> [TrailHead] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileStore.read(path, byteCountMax: 4096)
        } catch {
            if error == .noEntry { return [] }
            throw Failure(code: "unreadable", message: "\(path.printable): \(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
        guard let head = TrailHead(text) else {
            throw Failure(
                code: "no_head",
                message: "\(path.printable) names no line of a log",
                hint: "it holds one line as verify shows it behind `head`; remove it to begin anew"
            )
        }
        return [head]
    }

    static func remember(_ head: TrailHead, _ path: String) throws(Failure) {
        do throws(Errno) {
            try FileStore.replace(path, with: Array("\(head)\n".utf8).span, mode: 0o600)
        } catch {
            throw Failure(code: "not_written", message: "\(path.printable): \(error)")
        }
    }

    /// The checkpoints and the last line of a copy: each line ends in one of the log, whatever stands before it.
    static func copied(_ path: String) throws(Failure) -> [TrailHead] {
        let begin = Array("{\"seq\":".utf8)
        var known: [TrailHead] = []
        var last: TrailHead?
        do throws(Errno) {
            var reader = try LineReader(path)
            while let text = try reader.next() {
                guard let start = text.indices.first(where: { text[$0...].starts(with: begin) }) else { continue }
                let bytes = Array(text[start...])
                guard let line = TrailLine(bytes) else { continue }
                let head = TrailHead(seq: line.seq, hash: Digest.sha256(bytes))
                if line.isCheckpoint { known.append(head) }
                if line.seq > last?.seq ?? 0 { last = head }
            }
        } catch {
            throw Failure(code: "unreadable", message: "\(path.printable): \(error)")
        }
        guard let last else {
            throw Failure(code: "no_copy", message: "\(path.printable) holds no line of an audit log")
        }
        return known + [last]
    }
}
