// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import LinuxIO
internal import SQLite

/// The history, whatever becomes of its file: a full volume or a damaged file never stops the watcher.
///
/// What could not be written is kept, as far as ``pendingMax`` goes, and tried again. A damaged file is renamed to
/// `….damaged`, once, in place of an earlier one, and a new one begun.
struct HistoryKeeper: ~Copyable {
    static let pendingMax = 2000
    /// Of one tunnel on one day; more are counted in the day's sum only.
    static let eventsOfDayMax = 200

    let path: String
    private var store: HistoryStore?
    /// Why nothing is written at the moment.
    private(set) var trouble: String?
    /// What became of the file before this one.
    private(set) var notice: String?
    private var pending: HistoryBatch
    private var lostCount = 0
    private var eventsOfDay: [HistoryBatch.DayKey: Int] = [:]
    private var prunedAt: WallInstant?

    init(path: String, at now: WallInstant) {
        self.path = path
        store = nil
        pending = HistoryBatch(at: now)
        open()
    }

    private mutating func open() {
        do throws(SQLiteFailure) {
            store = try HistoryStore(path: path)
            trouble = nil
        } catch {
            guard error.kind == .corrupt else {
                trouble = error.description
                return
            }
            setAside(error)
        }
    }

    private mutating func setAside(_ why: SQLiteFailure) {
        store = nil
        do throws(Errno) {
            try FileStore.rename(path, to: "\(path).damaged")
            for ending in ["-wal", "-shm"] { try? FileStore.remove(path + ending) }
            notice = "the history was damaged (\(why.message)): it is now \(path).damaged, and a new one was begun"
        } catch {
            trouble = "\(path) is damaged and cannot be set aside: \(error)"
            return
        }
        do throws(SQLiteFailure) {
            store = try HistoryStore(path: path)
            trouble = nil
        } catch {
            trouble = error.description
        }
    }

    // MARK: Writing

    mutating func add(_ events: [TunnelEvent]) {
        for event in events {
            let key = HistoryBatch.DayKey(tunnel: event.tunnel, day: HistoryBatch.day(event.at))
            if eventsOfDay.count > 10_000 { eventsOfDay = [:] }
            eventsOfDay[key, default: 0] += 1
            guard let count = eventsOfDay[key], count <= Self.eventsOfDayMax else { continue }
            guard pending.events.count < Self.pendingMax else {
                lostCount += 1
                continue
            }
            pending.events.append(event)
            if count == Self.eventsOfDayMax {
                pending.events[pending.events.count - 1].text += "; no more events of this day are listed, only counted"
            }
        }
    }

    mutating func add(_ usage: TunnelUsage, of tunnel: TunnelID, at now: WallInstant) {
        guard !usage.isEmpty else { return }
        let key = HistoryBatch.DayKey(tunnel: tunnel, day: HistoryBatch.day(now))
        // A day's sum of each tunnel: bounded by the tunnels while the volume is full for days.
        if pending.usage.count > 20_000 { pending.usage = [:] }
        pending.usage[key, default: TunnelUsage()] += usage
    }

    var hasEvents: Bool { !pending.events.isEmpty }

    /// Writes what is pending, and what is known of each tunnel now.
    mutating func write(
        _ memories: [TunnelMemory],
        switchedAt: [TunnelID: WallInstant],
        cursor: String?,
        at now: WallInstant
    ) {
        if store == nil { open() }
        guard store != nil else { return }
        pending.at = now
        pending.memories = memories
        pending.switchedAt = switchedAt
        pending.cursor = cursor
        do throws(SQLiteFailure) {
            if prunedAt.map({ now - $0 >= .seconds(3600) || now < $0 }) ?? true {
                prunedAt = now
                try store?.prune(at: now)
            }
            try write(at: now)
            pending = HistoryBatch(at: now)
            trouble = lostCount > 0 ? "\(lostCount) events were lost while it could not be written" : nil
        } catch {
            switch error.kind {
            case .corrupt: setAside(error)
            case .full: trouble = "no room: \(error.message)"
            default:
                trouble = error.description
                // A connection whose write failed knows no more what is on the disk.
                if error.kind == .inputOutput { store = nil }
            }
        }
    }

    private func write(at now: WallInstant) throws(SQLiteFailure) {
        do throws(SQLiteFailure) {
            try store?.write(pending)
        } catch {
            guard error.kind == .full else { throw error }
            // The file may have reached its own bound: make room in it, once.
            try store?.prune(at: now, eventsMax: HistoryStore.eventsMax / 2)
            try store?.write(pending)
        }
    }

    // MARK: Reading

    func memories() -> [(memory: TunnelMemory, switchedAt: WallInstant?)] { (try? store?.memories()) ?? [] }

    func cursor() -> String? { (try? store?.cursor()) ?? nil }

    /// The newest first, those not yet written among them.
    func events(_ partner: String?, _ tunnel: String?, since: WallInstant, limit: Int) -> [TunnelEvent] {
        let unwritten = pending.events.filter {
            $0.at >= since && (partner == nil || $0.tunnel.partner.rawValue == partner)
                && (tunnel == nil || $0.tunnel.name == tunnel)
        }
        let written = (try? store?.events(partner, tunnel, since: since, limit: limit)) ?? []
        return Array((unwritten.reversed() + written).prefix(limit))
    }

    /// Sums by the day, the newest first, with what is not yet written.
    func days(_ partner: String?, _ tunnel: String?, since day: Int) -> [(key: HistoryBatch.DayKey, usage: TunnelUsage)]
    {
        var sums = Dictionary(
            ((try? store?.days(partner, tunnel, since: day)) ?? []).map { ($0.key, $0.usage) },
            uniquingKeysWith: { $1 }
        )
        for (key, usage) in pending.usage where key.day >= day {
            guard partner == nil || key.tunnel.partner.rawValue == partner, tunnel == nil || key.tunnel.name == tunnel
            else { continue }
            sums[key, default: TunnelUsage()] += usage
        }
        return sums.map { ($0.key, $0.value) }.sorted { ($1.key.day, $0.key.tunnel) < ($0.key.day, $1.key.tunnel) }
    }

    /// The file's bytes, the events in it, and when the first was.
    func extent() -> (bytes: Int, count: Int, first: WallInstant?) {
        let extent = (try? store?.extent()) ?? (count: 0, first: nil)
        return (Int(Volume.fileBytes(at: path) + Volume.fileBytes(at: "\(path)-wal")), extent.count, extent.first)
    }
}
