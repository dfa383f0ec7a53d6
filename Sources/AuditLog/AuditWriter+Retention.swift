// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// What is no longer kept.
extension AuditWriter {
    /// Removes the oldest files while their lines are all too old, or all files together are too large; each time the
    /// log says so first.
    func retire() {
        let folder = settings.folder
        guard let present = file?.name, var names = try? folder.files() else { return }
        var sizes = names.map { (try? FileStore.status(folder.path(of: $0)).byteCount) ?? 0 }
        let oldest = (Clock.wall() + (.zero - settings.limits.keep)).rfc3339
        while names.count > 1, names[0] != present {
            let isTooMuch = sizes.reduce(0, +) > settings.limits.bytesMax
            // The next file's first line is younger than all of this one's.
            let end = Self.beginning(folder.path(of: names[1]))
            guard isTooMuch || end.map({ $0 < oldest }) == true else { break }
            guard retire(names[0], next: names[1], why: isTooMuch ? "too much" : "too old") else { break }
            names.removeFirst()
            sizes.removeFirst()
        }
        let (count, bytes) = (names.count, sizes.reduce(0, +))
        progress.set { snapshot in
            snapshot.fileCount = count
            snapshot.folderBytes = bytes
        }
    }

    private func retire(_ name: String, next: String, why: String) -> Bool {
        guard let first = AuditFolder.firstSeq(of: name), let behind = AuditFolder.firstSeq(of: next) else {
            return false
        }
        let details: [AuditEvent.Detail] = [
            .init("first", first), .init("last", behind - 1), .init("why", why),
        ]
        guard say(.system(.logRetire, object: name, details: details)) else { return false }
        return (try? FileStore.remove(settings.folder.path(of: name))) != nil
    }

    /// When the first line of a file was written.
    private static func beginning(_ path: String) -> String? {
        guard var reader = try? LineReader(path), let bytes = try? reader.next() else { return nil }
        return TrailLine(bytes)?.at
    }
}
