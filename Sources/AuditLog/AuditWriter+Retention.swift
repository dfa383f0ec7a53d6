// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// What is no longer kept.
extension AuditWriter {
    /// One file of the log that another one follows.
    private struct Candidate {
        let name: String
        let byteCount: Int
        /// The numbers of its lines.
        let lines: ClosedRange<Int>
        /// All its lines are older than is kept, and have been for long enough to believe the clock.
        let isTooOld: Bool
    }

    /// Removes the oldest files while their lines are all too old, or all files together are too large; each time the
    /// log says so first.
    ///
    /// What a log server has not got yet stays, until there is twice as much as should be kept: then it goes, as a
    /// failure.
    func retire() {
        let folder = settings.folder
        guard let present = file?.name, let names = try? folder.files() else { return }
        let sizes = names.map { (try? FileStore.status(folder.path(of: $0)).byteCount) ?? 0 }
        var total = sizes.reduce(0, +)
        var kept = names.count
        var held = 0
        for candidate in candidates(names, sizes, until: present) {
            let why =
                total > settings.limits.bytesMax ? "too much" : candidate.isTooOld ? "too old" : nil
            guard let why else { break }
            let uncopied = uncopied(candidate.lines)
            if held > 0 || uncopied != nil && total <= settings.limits.heldBytesMax {
                // Those behind it are not copied either; they are counted.
                held += 1
            } else {
                guard remove(candidate, why: why, uncopied: uncopied) else { break }
                kept -= 1
            }
            total -= candidate.byteCount
        }
        let bytes = sizes.suffix(kept).reduce(0, +)
        progress.set { snapshot in
            snapshot.fileCount = kept
            snapshot.folderBytes = bytes
            snapshot.heldCount = held
        }
    }

    private func candidates(_ names: [String], _ sizes: [Int], until present: String) -> [Candidate] {
        let now = Clock.monotonic()
        let oldest = (Clock.wall() + (.zero - settings.limits.keep)).rfc3339
        var since: [String: MonotonicInstant] = [:]
        var candidates: [Candidate] = []
        for ((name, byteCount), next) in zip(zip(names, sizes), names.dropFirst()) where name < present {
            guard let first = AuditFolder.firstSeq(of: name), let behind = AuditFolder.firstSeq(of: next) else { break }
            // The next file's first line is younger than all of this one's.
            if let end = Self.beginning(settings.folder.path(of: next)), end < oldest {
                since[name] = tooOldSince[name] ?? now
            }
            let isTooOld = since[name].map { now - $0 >= settings.limits.doubt } ?? false
            candidates.append(
                Candidate(name: name, byteCount: byteCount, lines: first...max(first, behind - 1), isTooOld: isTooOld)
            )
        }
        tooOldSince = since
        return candidates
    }

    /// Those of these lines that should be with the log server and are not.
    private func uncopied(_ lines: ClosedRange<Int>) -> ClosedRange<Int>? {
        guard let copied = progress.current.copiedThrough, copied < lines.upperBound else { return nil }
        return max(lines.lowerBound, copied + 1)...lines.upperBound
    }

    private func remove(_ file: Candidate, why: String, uncopied: ClosedRange<Int>?) -> Bool {
        var details: [AuditEvent.Detail] = [
            .init("first", file.lines.lowerBound), .init("last", file.lines.upperBound), .init("why", why),
        ]
        if let uncopied { details.append(.init("not_copied", "\(uncopied.lowerBound)-\(uncopied.upperBound)")) }
        let outcome: AuditEvent.Outcome = uncopied == nil ? .success : .failure
        let event = AuditEvent.system(.logRetire, outcome, object: file.name, details: details)
        guard say(event), (try? FileStore.remove(settings.folder.path(of: file.name))) != nil else { return false }
        removeTorn(besides: file.name)
        if let uncopied {
            progress.set { snapshot in
                snapshot.uncopiedTotal += uncopied.count
                snapshot.uncopied = uncopied
            }
        }
        return true
    }

    /// Half a line that was set aside goes with the file it stood in.
    private func removeTorn(besides name: String) {
        let stem = "\(name.dropLast(".jsonl".count))-"
        for name in (try? FileStore.names(in: settings.folder.path)) ?? []
        where name.hasPrefix(stem) && name.hasSuffix(".torn") {
            try? FileStore.remove(settings.folder.path(of: name))
        }
    }

    /// When the first line of a file was written.
    private static func beginning(_ path: String) -> String? {
        guard var reader = try? LineReader(path), let bytes = try? reader.next() else { return nil }
        return TrailLine(bytes)?.at
    }
}
