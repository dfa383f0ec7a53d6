// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite

extension RelayEngine {
    /// Stores a submission, or finds that it is stored already.
    ///
    /// What is on the disk is answered even without room: the sender may forget it.
    mutating func accept(
        _ submission: Submission,
        hash: [UInt8],
        hasRoom: Bool,
        at time: RelayTime
    ) throws(SQLiteFailure) -> SubmitOutcome {
        guard !submission.destinations.isEmpty else { return .failed("a submission needs a destination") }
        guard submission.body.count <= settings.bodyBytesMax else { return .failed("the body is too large") }
        let dedup = submission.dedupKey ?? "sha256:" + Hex.encode(hash)
        if let stored = try store.message(of: submission, dedup: dedup) {
            guard stored.hash == hash else {
                memory.metrics.conflictCount += 1
                return .conflict(stored.id)
            }
            memory.metrics.duplicateCount += 1
            return .duplicate(stored.id)
        }
        let backlogCount = memory.lanes.reduce(0) { $0 + $1.backlogCount }
        guard hasRoom, backlogCount + submission.destinations.count <= settings.backlogCountMax else {
            memory.metrics.overloadedCount += 1
            return .overloaded(retryAfter: settings.overloadRetryAfter)
        }
        var lanes: [Int] = []
        for destination in submission.destinations {
            let lane = try lane(named: destination.description)
            // Told twice to go to one place, it goes once.
            if !lanes.contains(lane) { lanes.append(lane) }
        }
        let id = newID(at: time)
        let items = lanes.enumerated().map { position, lane in
            NewItem(id: position == 0 ? id : newID(at: time), endpoint: memory.lanes[lane].id)
        }
        let areHeads = try store.insert(submission, id: id, dedup: dedup, hash: hash, items: items, at: time.schedule)
        for (lane, isHead) in zip(lanes, areHeads) {
            memory.lanes[lane].backlogCount += 1
            if isHead { memory.lanes[lane].isDue(noLaterThan: time.schedule) }
        }
        memory.metrics.acceptedCount += 1
        return .accepted(id)
    }

    /// Takes over how endpoints are delivered to; one that is not named any more keeps its items, unattempted.
    mutating func configure(_ endpoints: [RelayEndpoint], at now: ScheduleInstant) throws(SQLiteFailure) {
        for index in memory.lanes.indices { memory.lanes[index].endpoint = nil }
        for endpoint in endpoints {
            let index = try lane(named: endpoint.destination.description)
            memory.lanes[index].endpoint = endpoint
            let parkedRevision = memory.lanes[index].parkedRevision
            if memory.lanes[index].isParked, parkedRevision != endpoint.revision { _ = try resume(index, at: now) }
        }
    }

    /// - Returns: how many parked items became ready.
    mutating func resume(_ index: Int, at now: ScheduleInstant) throws(SQLiteFailure) -> Int {
        let count = try store.resume(endpoint: memory.lanes[index].id, at: now)
        memory.lanes[index].isParked = false
        memory.lanes[index].parkedRevision = nil
        if count > 0 { memory.lanes[index].isDue(noLaterThan: now) }
        return count
    }
}
