// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite

/// When each recurring duty is due.
struct UpkeepClock {
    var volumeAt: ScheduleInstant?
    var purgeAt: ScheduleInstant?
    var oldestAt: ScheduleInstant?
    /// The log holds pages that are not in the database file.
    var isLogDirty = false
    var idleSince: ScheduleInstant?
    var writtenBytes = 0
    /// Items purged in one transaction; small on a full volume, since deleting writes too.
    var purgeCount = 500
}

extension RelayEngine {
    private static let volumeInterval = Duration.seconds(1)
    private static let purgeInterval = Duration.seconds(60)
    private static let oldestInterval = Duration.seconds(15)
    /// What one look reads at most, in some milliseconds.
    private static let oldestCountMax = 10_000
    private static let purgeCountMax = 500
    private static let shrunkPageCount = 64
    private static let idleTime = Duration.seconds(2)

    /// What is done between batches: checkpoints, retention, the room on the volume.
    ///
    /// - Parameter isIdle: whether the batch before this had no operations and no orders.
    /// - Returns: why the relay must stop, if it must.
    package mutating func maintain(isIdle: Bool, at time: RelayTime) -> RelayFatal? {
        do throws(SQLiteFailure) {
            try checkpoint(isIdle: isIdle, at: time.schedule)
            try purge(at: time.schedule)
            try lookForOldest(at: time.schedule)
            if upkeep.volumeAt.map({ $0 <= time.schedule }) ?? true {
                upkeep.volumeAt = time.schedule + Self.volumeInterval
                lookAtVolume()
                try shrink()
            }
        } catch {
            guard error.kind == .full, (try? store.rollBack()) != nil else { return RelayFatal(why: error.description) }
            _ = disk.storeIsFull()
            upkeep.purgeCount = max(1, upkeep.purgeCount / 4)
        }
        stepCopy(at: time)
        return nil
    }

    /// When the engine has something to do although nobody asks; nothing when it has not.
    package func wakeAt(from now: ScheduleInstant) -> ScheduleInstant? {
        var wake = memory.leaseExpiry
        func consider(_ instant: ScheduleInstant?) {
            guard let instant else { return }
            wake = min(wake ?? instant, instant)
        }
        if memory.leases.count < settings.inFlightMax {
            for lane in memory.lanes { consider(lane.wakeAt(from: now)) }
        }
        consider(upkeep.purgeAt)
        consider(isCopying ? now : copy.endsAt)
        if upkeep.isLogDirty { consider(now + Self.idleTime) }
        if disk.room != .enough || !unrecorded.isEmpty { consider(now + Self.volumeInterval) }
        return wake
    }

    /// Copies everything into the database file: the store is left as small and as plain as it can be.
    package mutating func stop() {
        // What is not copied now is in the log, and the next process reads it there.
        _ = try? store.database.checkpoint(.truncate)
    }

    private mutating func checkpoint(isIdle: Bool, at now: ScheduleInstant) throws(SQLiteFailure) {
        let written = store.database.takeWrittenBytes()
        if written > 0 {
            upkeep.isLogDirty = true
            upkeep.writtenBytes += written
        }
        if isIdle { upkeep.idleSince = upkeep.idleSince ?? now } else { upkeep.idleSince = nil }
        let isLongIdle = upkeep.idleSince.map { now - $0 >= Self.idleTime } ?? false
        if upkeep.isLogDirty, isLongIdle {
            _ = try store.database.checkpoint(.truncate)
            upkeep.isLogDirty = false
        } else if upkeep.writtenBytes >= settings.checkpointBytes {
            _ = try store.database.checkpoint(.passive)
        } else {
            return
        }
        upkeep.writtenBytes = 0
        memory.metrics.checkpointCount += 1
    }

    private mutating func purge(at now: ScheduleInstant) throws(SQLiteFailure) {
        guard let due = upkeep.purgeAt else {
            upkeep.purgeAt = now + Self.purgeInterval
            return
        }
        guard due <= now else { return }
        try store.begin()
        let doneBefore = now - settings.doneRetention
        let deadBefore = now - settings.deadRetention
        var count = try store.purge(.done, before: doneBefore, count: upkeep.purgeCount)
        count += try store.purge(.dead, before: deadBefore, count: upkeep.purgeCount)
        try store.commit()
        memory.metrics.purgedCount += count
        // A backlog of old items goes in small batches, with everybody else's turn between them.
        upkeep.purgeAt = now + (count >= upkeep.purgeCount ? .milliseconds(100) : Self.purgeInterval)
        upkeep.purgeCount = min(Self.purgeCountMax, upkeep.purgeCount * 2)
    }

    private mutating func lookForOldest(at now: ScheduleInstant) throws(SQLiteFailure) {
        guard upkeep.oldestAt.map({ $0 <= now }) ?? true else { return }
        upkeep.oldestAt = now + Self.oldestInterval
        for index in memory.lanes.indices {
            let lane = memory.lanes[index]
            let waits = lane.backlogCount > lane.heldCount
            memory.lanes[index].oldestAcceptedAt =
                waits ? try store.oldestAccepted(endpoint: lane.id, countMax: Self.oldestCountMax) : nil
        }
    }

    /// Gives unused pages back: a quarter of the file is kept for reuse, and nothing of it on a full volume.
    private mutating func shrink() throws(SQLiteFailure) {
        let (pageCount, unusedCount) = try store.pageCounts()
        guard unusedCount > Self.shrunkPageCount, disk.room != .enough || unusedCount > pageCount / 4 else { return }
        try store.shrink(pageCount: Self.shrunkPageCount)
    }

    mutating func lookAtVolume() {
        // Unreadable for want of memory at worst; the next look is a second away.
        let pages = (try? store.pageCounts()) ?? (pageCount: 0, unusedCount: 0)
        let usedBytes = Int64(pages.pageCount - pages.unusedCount) * 4096
        let free = freeBytes()
        disk.check(freeBytes: free, usedBytes: usedBytes)
        memory.metrics.storeBytes = usedBytes
        memory.metrics.freeBytes = free
        memory.metrics.logBytes = Volume.fileBytes(at: settings.path + "-wal")
    }
}
