// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// What is done when the volume is full, read-only or broken.
extension AuditWriter {
    /// Room for the last words: the alarm, a stop, their signatures.
    static let reserveBytes = 256 << 10
    /// What must be free besides it before events are taken again.
    static let marginBytes = 128 << 10

    /// Appends whole lines, or nothing.
    func append(_ lines: Span<UInt8>) -> Bool {
        heartbeat.pause()
        defer { heartbeat.beat() }
        do throws(Errno) {
            try file?.descriptor.writeAll(lines)
            file?.byteCount += lines.count
            return true
        } catch {
            undo(error)
            return false
        }
    }

    /// Takes half a write back, so that the file ends in a whole line.
    private func undo(_ error: Errno) {
        let byteCount = file?.byteCount ?? 0
        do throws(Errno) {
            try file?.descriptor.resize(to: byteCount)
        } catch { return fail(error) }
        guard error.isNoRoom else { return fail(error) }
        noteTrouble("\(settings.folder.path): \(error)")
        guard !isFull else { return }
        isFull = true
        // The alarm goes where room was kept for it.
        releaseReserve()
        say(.system(.logRefused, .failure, object: "audit log", details: [.init("why", "\(error)")]))
    }

    /// The file cannot be trusted to take anything: it is opened again in a second.
    func fail(_ error: Errno) {
        noteTrouble("\(settings.folder.path): \(error)")
        file = nil
    }

    private func noteTrouble(_ text: String) {
        trouble = text
        progress.set { $0.trouble = text }
    }

    func refuse(_ batch: [Submission]) -> [AuditReply] {
        refusedCount += batch.count
        let why = trouble ?? "the audit log is not open"
        progress.set { snapshot in
            snapshot.refusedTotal += batch.count
            snapshot.refusal = why
        }
        return batch.map { _ in .refused(why: why) }
    }

    /// Whether there is room again: for the reserve first, then for saying how much was refused.
    func recover() -> Bool {
        guard makeReserve(), hasMargin, sayRefused() else { return false }
        isFull = false
        trouble = nil
        progress.set { $0.trouble = nil }
        return true
    }

    /// Room besides the reserve: without it the first event would find the volume full again.
    private var hasMargin: Bool {
        (try? FileStore.volume(of: settings.folder.path)).map { $0.freeBytes >= Self.marginBytes } ?? true
    }

    @discardableResult
    func sayRefused() -> Bool {
        guard refusedCount > 0 else { return true }
        let event = AuditEvent.system(.logRefused, object: "audit log", details: [.init("events", refusedCount)])
        guard say(event) else { return false }
        refusedCount = 0
        return true
    }

    /// - Returns: false when there is no room for it. A file system that keeps no room counts as one that has some.
    func makeReserve() -> Bool {
        do throws(Errno) {
            let file = try FileStore.openToWrite(settings.folder.reserve, mode: AuditFolder.fileMode)
            try file.allocate(Self.reserveBytes)
            return true
        } catch {
            return !error.isNoRoom && error != .readOnly
        }
    }

    func releaseReserve() { try? FileStore.remove(settings.folder.reserve) }
}

extension AuditProgress.Snapshot {
    var lastFile: (name: String, byteCount: Int) { (file, byteCount) }
}
