// SPDX-License-Identifier: Apache-2.0
package import Base
internal import SQLite

/// The two clocks of one moment: what schedules count in, and what partners are told.
package struct RelayTime: Hashable, Sendable {
    package let schedule: ScheduleInstant
    package let wall: WallInstant

    package init(schedule: ScheduleInstant, wall: WallInstant) {
        self.schedule = schedule
        self.wall = wall
    }
}

/// The relay without its thread: batches of operations in, replies and orders out, one commit each.
///
/// It reads no clock, draws no randomness of its own and knows no socket; the store's file is its only device.
/// What it keeps in memory is a copy of what the store holds, and goes back with a rolled back transaction.
package struct RelayEngine: ~Copyable {
    package enum Operation: Sendable {
        /// - Parameter hash: SHA-256 of the body, reckoned by the submitter's thread.
        case submit(Submission, hash: [UInt8])
        case settle(AttemptResult)
        /// The order could not be started: no attempt is spent.
        case giveBack(LeaseID, itemID: UniqueID)
        case endpoints([RelayEndpoint])
        case query(RelayQuery)
    }

    package enum Reply: Sendable {
        case none
        case submitted(SubmitOutcome)
        case answered(RelayAnswer)
    }

    /// What one batch came to: everything in it is on the disk, unless `fatal` says why nothing is.
    package struct Step: Sendable {
        /// One for each operation, in order.
        package var replies: [Reply]
        package var orders: [DeliveryOrder]
        package var fatal: RelayFatal?
    }

    struct Lease {
        let lane: Int
        let itemID: UniqueID
        let startedAt: ScheduleInstant
        let expiresAt: ScheduleInstant
    }

    /// Everything that must go back when a transaction does.
    struct Memory {
        var lanes: [Lane] = []
        var laneByName: [String: Int] = [:]
        var laneByID: [Int64: Int] = [:]
        var leases: [LeaseID: Lease] = [:]
        /// No lease runs out before this.
        var leaseExpiry: ScheduleInstant?
        var metrics = RelayMetrics()
        var cursor = 0
    }

    let settings: RelaySettings
    var store: RelayStore
    var memory = Memory()
    var disk: DiskGuard
    var upkeep = UpkeepClock()
    /// Results a full volume has no room to record yet; at most one for each lease.
    var unrecorded: [Operation] = []
    var copy: StoreCopy
    let draw: () -> UInt64
    let freeBytes: () -> Int64?

    /// Opens the store and takes up what is in it.
    ///
    /// - Parameters:
    ///   - draw: uniform 64 bits, unpredictable outside tests: leases and identifiers are made of them.
    ///   - freeBytes: room on the store's volume.
    package static func open(
        settings: RelaySettings,
        at time: RelayTime,
        draw: @escaping () -> UInt64,
        freeBytes: (() -> Int64?)? = nil
    ) throws(RelayStartError) -> RelayEngine {
        let store = try RelayStore(settings: settings)
        var engine = RelayEngine(settings: settings, store: store, draw: draw, freeBytes: freeBytes)
        do throws(SQLiteFailure) {
            try engine.takeUp(at: time.schedule)
        } catch {
            // A full volume must not keep the relay from draining: what was held back is let go, once.
            guard error.kind == .full else { throw .failed(error.description) }
            _ = engine.disk.storeIsFull()
            do throws(SQLiteFailure) {
                try engine.store.rollBack()
                try engine.takeUp(at: time.schedule)
            } catch {
                throw .failed(error.description)
            }
        }
        engine.lookAtVolume()
        return engine
    }

    private init(
        settings: RelaySettings,
        store: consuming RelayStore,
        draw: @escaping () -> UInt64,
        freeBytes: (() -> Int64?)?
    ) {
        let path = settings.path
        self.settings = settings
        self.store = store
        self.draw = draw
        self.freeBytes = freeBytes ?? { Volume.freeBytes(at: path) }
        disk = DiskGuard(settings: settings)
        copy = StoreCopy(path: Self.copyPath(settings))
        // What an earlier process left of a copy is nobody's.
        dropCopy()
    }

    private mutating func takeUp(at now: ScheduleInstant) throws(SQLiteFailure) {
        memory = Memory()
        try store.begin()
        memory.metrics.recoveredLeaseCount = try store.recoverLeases(at: now)
        _ = try store.clampWaits(to: now + settings.retry.hintMax)
        try store.commit()
        for stored in try store.endpoints() {
            let index = addLane(id: stored.id, name: stored.name)
            memory.lanes[index].isParked = stored.parkedAt != nil
            memory.lanes[index].parkedRevision = stored.parkedRevision
            memory.lanes[index].earliestDue = try store.earliestDue(endpoint: stored.id)
        }
        for (endpoint, state, count) in try store.openCounts() {
            guard let index = memory.laneByID[endpoint] else { continue }
            memory.lanes[index].backlogCount += count
            if state == .held { memory.lanes[index].heldCount += count }
        }
    }

    /// Performs a batch and leases what is due, in one transaction.
    package mutating func run(_ operations: [Operation], at time: RelayTime) -> Step {
        let late = unrecorded
        unrecorded = []
        let before = memory
        do throws(SQLiteFailure) {
            return try commit(operations, after: late, accepts: disk.room == .enough, at: time)
        } catch {
            guard error.kind == .full else { return fail(operations, error) }
        }
        // Nothing of the batch was kept. Results are recorded with the room that is held back; the rest waits.
        memory = before
        do throws(SQLiteFailure) {
            try store.rollBack()
            _ = disk.storeIsFull()
            return try commit(operations, after: late, accepts: false, at: time)
        } catch {
            memory = before
            guard error.kind == .full, (try? store.rollBack()) != nil else { return fail(operations, error) }
        }
        return postpone(operations, late)
    }

    private mutating func commit(
        _ operations: [Operation],
        after late: [Operation],
        accepts: Bool,
        at time: RelayTime
    ) throws(SQLiteFailure) -> Step {
        try store.begin()
        for operation in late { _ = try perform(operation, accepts: accepts, at: time) }
        var step = Step(replies: [], orders: [], fatal: nil)
        for operation in operations { step.replies.append(try perform(operation, accepts: accepts, at: time)) }
        try expireLeases(at: time)
        // While results wait for room, nothing else may take it.
        step.orders = late.isEmpty ? try leaseDue(at: time) : []
        try store.commit()
        memory.metrics.commitCount += 1
        return step
    }

    private mutating func perform(
        _ operation: Operation,
        accepts: Bool,
        at time: RelayTime
    ) throws(SQLiteFailure) -> Reply {
        switch operation {
        case .submit(let submission, let hash):
            return .submitted(try accept(submission, hash: hash, hasRoom: accepts, at: time))
        case .settle(let result):
            try settle(result, at: time)
            return .none
        case .giveBack(let lease, let itemID):
            try giveBack(lease, itemID: itemID, at: time.schedule)
            return .none
        case .endpoints(let endpoints):
            try configure(endpoints, at: time.schedule)
            return .none
        case .query(let query):
            return .answered(try answer(query, at: time))
        }
    }

    /// Nothing can be stored, not even results: they are kept, and everybody else is told to come again.
    private mutating func postpone(_ operations: [Operation], _ late: [Operation]) -> Step {
        unrecorded = late
        var step = Step(replies: [], orders: [], fatal: nil)
        for operation in operations {
            switch operation {
            case .settle, .giveBack, .endpoints:
                unrecorded.append(operation)
                step.replies.append(.none)
            case .submit:
                memory.metrics.overloadedCount += 1
                step.replies.append(.submitted(.overloaded(retryAfter: settings.overloadRetryAfter)))
            case .query: step.replies.append(.answered(.unavailable))
            }
        }
        return step
    }

    /// What is on the disk is unknown, so nobody gets an acknowledgement and nothing is tried again here: the
    /// next process reads what is there.
    private func fail(_ operations: [Operation], _ failure: SQLiteFailure) -> Step {
        var step = Step(replies: [], orders: [], fatal: RelayFatal(why: failure.description))
        for operation in operations {
            switch operation {
            case .submit: step.replies.append(.submitted(.failed("the callback store failed")))
            case .query: step.replies.append(.answered(.unavailable))
            case .settle, .giveBack, .endpoints: step.replies.append(.none)
            }
        }
        return step
    }

    /// Uniform in 0..<1.
    func jitter() -> Double { Double(draw() >> 11) / Double(UInt64(1) << 53) }

    func newID(at time: RelayTime) -> UniqueID { UniqueID(at: time.wall, random: (draw(), draw())) }

    mutating func addLane(id: Int64, name: String) -> Int {
        memory.lanes.append(Lane(id: id, name: name))
        memory.laneByName[name] = memory.lanes.count - 1
        memory.laneByID[id] = memory.lanes.count - 1
        return memory.lanes.count - 1
    }

    /// The lane of a destination, made when there is none.
    mutating func lane(named name: String) throws(SQLiteFailure) -> Int {
        if let index = memory.laneByName[name] { return index }
        return addLane(id: try store.insertEndpoint(named: name), name: name)
    }

    /// Calls `observe` with each statement as it starts: tests stop the world there.
    package mutating func observeStatements(_ observe: @escaping (String) -> Void) {
        store.database.observeStatements(observe)
    }

    /// The relay in numbers, now.
    package func metrics(at now: ScheduleInstant) -> RelayMetrics {
        var metrics = memory.metrics
        metrics.room = disk.room
        metrics.endpoints = memory.lanes.map { $0.metrics(at: now) }
        return metrics
    }
}
