// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO
internal import TLS

/// The one who writes the log: one thread's.
///
/// A line counts once write(2) has taken all of it; it outlasts a power cut once the volume has it, which is within a
/// second, and before anything else at a checkpoint. Where the volume takes nothing, every event is refused, and said
/// how many were once there is room again.
final class AuditWriter {
    /// An event and who reported it.
    struct Submission: Sendable {
        var event: AuditEvent
        var source: String
    }

    static let synchronizesEvery = Duration.seconds(1)
    static let retiresEvery = Duration.seconds(3600)
    static let opensEvery = Duration.seconds(1)

    var settings: AuditSettings
    let progress: AuditProgress
    let heartbeat: Heartbeat
    var chain: TrailChain
    /// What is written to; nothing while it cannot be.
    var file: OpenFile?
    /// The volume is full: nothing but the log's own words until the reserve is there again.
    var isFull = false
    /// Since the last ``AuditKind/logRefused``.
    var refusedCount = 0
    /// Why, the last time.
    var trouble: String?
    /// Files whose lines are all older than is kept.
    var tooOldSince: [String: MonotonicInstant] = [:]
    private var isStarted = false
    private var isDirty = false
    private var synchronizesAt = MonotonicInstant.distantFuture
    private var checkpointAt: MonotonicInstant
    private var retiresAt: MonotonicInstant
    private var opensAt: MonotonicInstant

    final class OpenFile {
        let descriptor: OwnedDescriptor
        let name: String
        /// Of whole lines.
        var byteCount: Int
        /// Days since 1970, UTC.
        let day: Int64

        init(_ descriptor: consuming OwnedDescriptor, name: String, byteCount: Int, day: Int64) {
            self.descriptor = descriptor
            self.name = name
            self.byteCount = byteCount
            self.day = day
        }
    }

    /// Opens the log and says so in it, if that can be done now; else it is tried again.
    init(_ settings: AuditSettings, progress: AuditProgress, heartbeat: Heartbeat) {
        self.settings = settings
        self.progress = progress
        self.heartbeat = heartbeat
        chain = TrailChain(after: .empty, unsignedCount: 0, bootID: AuditSettings.bootID, key: settings.key)
        let now = Clock.monotonic()
        checkpointAt = now + TrailChain.timeBetweenCheckpoints
        retiresAt = now
        opensAt = now
        open()
    }

    var nextDue: MonotonicInstant {
        if file == nil { return opensAt }
        let checkpoint = chain.unsignedCount > 0 ? checkpointAt : .distantFuture
        return min(min(synchronizesAt, checkpoint), retiresAt)
    }

    /// What is due by the clock.
    func tick() {
        let now = Clock.monotonic()
        if file == nil {
            if now >= opensAt { open() }
            return
        }
        if isFull { _ = recover() }
        if chain.unsignedCount > 0, now >= checkpointAt { checkpoint() }
        if isDirty, now >= synchronizesAt { synchronize() }
        if now >= retiresAt {
            retiresAt = now + Self.retiresEvery
            retire()
        }
    }

    /// Writes all of them, in one piece, or none; one answer for each, in order.
    func write(_ batch: [Submission]) -> [AuditReply] {
        guard !batch.isEmpty else { return [] }
        guard file != nil, !isFull || recover() else { return refuse(batch) }
        rotateIfDue()
        let now = Clock.wall()
        var chain = chain
        var lines = ByteBuffer()
        var replies: [AuditReply] = []
        var checkpointCount = 0
        for submission in batch {
            if chain.isCheckpointDue {
                checkpointCount += 1
                add(chain.checkpoint(from: settings.source, at: now), &chain, &lines)
            }
            add(chain.line(submission.event, from: submission.source, at: now), &chain, &lines)
            replies.append(.written(seq: chain.head.seq))
        }
        // Behind the last one already, so that what a full volume leaves off is never its signature.
        if chain.isCheckpointDue {
            checkpointCount += 1
            add(chain.checkpoint(from: settings.source, at: now), &chain, &lines)
        }
        guard append(lines.bytes) else { return refuse(batch) }
        commit(chain, eventCount: batch.count, checkpointCount: checkpointCount)
        return replies
    }

    private func add(_ draft: TrailChain.Draft, _ chain: inout TrailChain, _ lines: inout ByteBuffer) {
        lines.append(draft.bytes)
        lines.append(UInt8(ascii: "\n"))
        chain.commit(draft)
    }

    /// What it says of itself; a checkpoint follows at once.
    ///
    /// - Returns: false when it could not be written.
    @discardableResult
    func say(_ event: AuditEvent) -> Bool {
        let now = Clock.wall()
        var chain = chain
        var lines = ByteBuffer()
        if chain.isCheckpointDue { add(chain.checkpoint(from: settings.source, at: now), &chain, &lines) }
        add(chain.line(event, from: settings.source, at: now), &chain, &lines)
        add(chain.checkpoint(from: settings.source, at: now), &chain, &lines)
        guard append(lines.bytes) else { return false }
        commit(chain, eventCount: 1, checkpointCount: 1)
        synchronize()
        return true
    }

    @discardableResult
    func checkpoint() -> Bool {
        guard chain.unsignedCount > 0 else { return true }
        checkpointAt = Clock.monotonic() + TrailChain.timeBetweenCheckpoints
        var chain = chain
        var lines = ByteBuffer()
        add(chain.checkpoint(from: settings.source, at: Clock.wall()), &chain, &lines)
        guard append(lines.bytes) else { return false }
        commit(chain, eventCount: 0, checkpointCount: 1)
        return true
    }

    /// What was appended counts.
    private func commit(_ chain: TrailChain, eventCount: Int, checkpointCount: Int) {
        self.chain = chain
        let now = Clock.monotonic()
        if !isDirty {
            isDirty = true
            synchronizesAt = now + Self.synchronizesEvery
        }
        if checkpointCount > 0 {
            checkpointAt = now + TrailChain.timeBetweenCheckpoints
            // Behind the answers, at the end of this turn.
            synchronizesAt = now
        }
        let (name, byteCount) = (file?.name ?? "", file?.byteCount ?? 0)
        progress.set { snapshot in
            snapshot.head = chain.head
            snapshot.file = name
            snapshot.byteCount = byteCount
            snapshot.writtenTotal += eventCount
            snapshot.checkpointTotal += checkpointCount
            if checkpointCount > 0 { snapshot.checkpointAt = Clock.wall().rfc3339 }
        }
        progress.bell.ring()
    }

    /// Makes what was written outlast a power cut, and remembers it beside the log.
    func synchronize() {
        guard isDirty, file != nil else { return }
        heartbeat.pause()
        defer { heartbeat.beat() }
        do throws(Errno) {
            try file?.descriptor.synchronizeContent()
            isDirty = false
            synchronizesAt = .distantFuture
        } catch {
            // What the kernel could not write it has dropped (fsync(2)): the file is looked at anew.
            return fail(error)
        }
        let text = Array(chain.signedHead.text.utf8)
        do throws(Errno) {
            let head = try FileStore.openToWrite(settings.folder.head, mode: AuditFolder.fileMode)
            try head.overwrite(text.span)
            progress.set { $0.notice = nil }
        } catch {
            progress.set { $0.notice = "the head beside the log is not written: \(error)" }
        }
    }

    /// The last words: why it ends, and a signature over everything.
    func stop() {
        guard file != nil else { return }
        if !say(.system(.logStop, object: "audit log")) {
            releaseReserve()
            say(.system(.logStop, object: "audit log"))
        }
        file = nil
    }

    /// Begins a new file behind a checkpoint, when the present one is large or of another day.
    private func rotateIfDue() {
        guard let byteCount = file?.byteCount, let day = file?.day, byteCount > 0 else { return }
        guard byteCount >= settings.fileBytesMax || day != Self.today else { return }
        guard checkpoint() else { return }
        synchronize()
        do throws(Errno) {
            try begin(AuditFolder.name(firstSeq: chain.head.seq + 1), byteCount: 0)
            retire()
        } catch {
            // The old one takes more meanwhile.
            progress.set { $0.notice = "no new file can be begun: \(error)" }
        }
    }

    static var today: Int64 { Clock.wall().seconds / 86_400 }

    private func begin(_ name: String, byteCount: Int) throws(Errno) {
        let path = settings.folder.path(of: name)
        let descriptor = try FileStore.openToAppend(path, mode: AuditFolder.fileMode)
        try FileStore.synchronize(folder: settings.folder.path)
        let modified = byteCount > 0 ? try descriptor.status().modifiedAt.seconds / 86_400 : Self.today
        file = OpenFile(descriptor, name: name, byteCount: byteCount, day: modified)
    }

    /// Opens the log where it ends; the first time it says that it was started.
    private func open() {
        opensAt = Clock.monotonic() + Self.opensEvery
        do throws(Errno) {
            if isStarted {
                try reopen()
            } else {
                let recovery = try AuditRecovery(settings)
                chain = TrailChain(
                    after: recovery.head,
                    unsignedCount: recovery.unsignedCount,
                    bootID: AuditSettings.bootID,
                    key: settings.key
                )
                if let last = recovery.last {
                    try begin(last.name, byteCount: last.byteCount)
                } else {
                    try begin(AuditFolder.name(firstSeq: chain.head.seq + 1), byteCount: 0)
                }
                try start(recovery)
            }
            progress.set { $0.trouble = nil }
            trouble = nil
        } catch {
            file = nil
            trouble = "\(settings.folder.path): \(error)"
            let trouble = trouble
            progress.set { $0.trouble = trouble }
        }
    }

    private func start(_ recovery: AuditRecovery) throws(Errno) {
        writePublicKey()
        let details =
            recovery.details + [
                .init("host", AuditSettings.hostName), .init("version", productVersion),
                .init("key", settings.key.publicKey.trailID),
            ]
        let outcome: AuditEvent.Outcome = recovery.isSound ? .success : .failure
        let event = AuditEvent.system(.logStart, outcome, object: "audit log", details: details)
        if !say(event) {
            releaseReserve()
            guard say(event) else { throw .noSpace }
        }
        isStarted = true
        isFull = !makeReserve()
        if !recovery.isSound {
            let found = recovery.details.map { "\($0.name) \($0.text)" }.joined(separator: ", ")
            progress.set { $0.foundAtStart = found }
        }
    }

    /// After trouble in the middle of a run: what was not whole is cut off again, since nobody was told it was written.
    private func reopen() throws(Errno) {
        let (name, byteCount) = progress.current.lastFile
        try begin(name, byteCount: byteCount)
        try file?.descriptor.resize(to: byteCount)
        isFull = false
        sayRefused()
    }

    /// Whoever copies the folder away needs it; whoever verifies should have his own.
    private func writePublicKey() {
        let key = settings.key.publicKey
        let path = settings.folder.publicKeys
        let there = (try? FileStore.read(path, byteCountMax: 1 << 20)) ?? []
        let keys = (try? Ed25519.PublicKey.all(pem: there)) ?? []
        guard !keys.contains(key) else { return }
        let text = (keys + [key]).flatMap(\.pem)
        try? FileStore.replace(path, with: text.span, mode: 0o644)
    }
}
