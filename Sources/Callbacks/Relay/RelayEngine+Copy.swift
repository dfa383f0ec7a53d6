// SPDX-License-Identifier: Apache-2.0
package import Base
internal import LinuxIO
internal import SQLite

/// How far the copy of the store for a backup is.
package struct StoreCopyStatus: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case none
        case running
        /// Whole, at ``StoreCopyStatus/path``, until it is dropped or ``RelayEngine/copyLifetime`` is over.
        case done
        case failed
    }

    package var state = State.none
    package var path: String
    package var pagesDone = 0
    package var pagesTotal = 0
    package var startedAt: WallInstant?
    /// From the order to the last step.
    package var elapsed = Duration.zero
    /// Why it failed.
    package var why: String?
    /// Items not yet delivered, given up ones that hold a key included, at the instant the copy is of.
    package var backlogCount = 0

    init(path: String) { self.path = path }
}

/// The copy being made, if any, and what became of the last one.
struct StoreCopy: ~Copyable {
    var status: StoreCopyStatus
    var running: DatabaseCopy?
    var startedAt: ScheduleInstant?
    var endsAt: ScheduleInstant?

    init(path: String) { status = StoreCopyStatus(path: path) }
}

extension RelayEngine {
    /// A copy that nobody fetches goes after this long.
    package static var copyLifetime: Duration { .seconds(900) }
    /// Half a mebibyte: between two steps everything else has its turn.
    private static var copyStepPageCount: Int { 128 }
    private static let pageBytes: Int64 = 4096
    /// A copy that takes longer is given up: something keeps it from going on.
    private static var copyTimeMax: Duration { .seconds(4 * 3600) }

    /// Beside the store, where this process may write in any case.
    static func copyPath(_ settings: RelaySettings) -> String { settings.path + ".backup" }

    package var isCopying: Bool { copy.status.state == .running }

    /// Orders a copy; its steps are made between batches.
    mutating func beginCopy(at time: RelayTime) throws(SQLiteFailure) -> RelayAnswer {
        guard !isCopying else { return .refused("a copy is being made already") }
        dropCopy()
        let pages = try store.pageCounts().pageCount
        let bytes = Int64(pages) * Self.pageBytes
        if let free = freeBytes(), free - bytes < settings.freeBytesMin {
            return .refused(
                "a copy of \(bytes) bytes would leave less than the \(settings.freeBytesMin) bytes that callbacks need "
                    + "on the volume of \(settings.path)"
            )
        }
        copy.status.state = .running
        copy.status.pagesTotal = pages
        copy.status.startedAt = time.wall
        copy.startedAt = time.schedule
        return .copy(copy.status)
    }

    /// Forgets the copy, made or not, and its file.
    mutating func dropCopy() {
        copy = StoreCopy(path: Self.copyPath(settings))
        try? FileStore.remove(copy.status.path)
    }

    /// One step of the copy, between transactions. What fails here fails the copy and nothing else.
    mutating func stepCopy(at time: RelayTime) {
        if let endsAt = copy.endsAt, endsAt <= time.schedule { dropCopy() }
        guard isCopying else { return }
        if let startedAt = copy.startedAt, time.schedule - startedAt > Self.copyTimeMax {
            return endCopy(why: "it took longer than it may", at: time.schedule)
        }
        guard disk.room == .enough else { return endCopy(why: "the volume ran short of room", at: time.schedule) }
        do throws(SQLiteFailure) {
            if copy.running == nil { copy.running = try DatabaseCopy(of: store.database, to: copy.status.path) }
            switch try copy.running?.step(pageCount: Self.copyStepPageCount) {
            case .done: endCopy(why: nil, at: time.schedule)
            case .more, .busy, nil: countCopied()
            }
        } catch {
            endCopy(why: error.description, at: time.schedule)
        }
    }

    private mutating func countCopied() {
        guard let counts = copy.running?.pageCounts else { return }
        copy.status.pagesTotal = counts.total
        copy.status.pagesDone = counts.total - counts.remaining
    }

    private mutating func endCopy(why: String?, at now: ScheduleInstant) {
        countCopied()
        copy.running = nil
        copy.status.why = why
        copy.status.elapsed = copy.startedAt.map { now - $0 } ?? .zero
        copy.status.state = why == nil ? .done : .failed
        copy.status.backlogCount = memory.lanes.reduce(0) { $0 + $1.backlogCount }
        copy.endsAt = now + Self.copyLifetime
        if why != nil { try? FileStore.remove(copy.status.path) }
    }
}
