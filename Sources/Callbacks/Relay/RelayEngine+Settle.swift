// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite

extension RelayEngine {
    /// How many waiting retries are brought forward when an endpoint comes back.
    private static let pulledCountMax = 500
    private static let pauseAfterRefusal = Duration.milliseconds(50)

    /// Takes the result of an attempt, if its lease is still the item's.
    mutating func settle(_ result: AttemptResult, at time: RelayTime) throws(SQLiteFailure) {
        let now = time.schedule
        let lease = endLease(result.leaseID)
        guard let item = try store.leased(id: result.itemID, lease: result.leaseID),
            let index = memory.laneByID[item.endpoint]
        else {
            memory.metrics.staleResultCount += 1
            return
        }
        let lane = memory.lanes[index]
        let verdict = Self.verdict(of: result.outcome, profile: lane.endpoint?.profile ?? .plain, at: time.wall)
        try hear(verdict, of: result.outcome, lane: index, at: now)

        let giveUpAfter = lane.endpoint?.giveUpAfter ?? .seconds(72 * 3600)
        var machine = DeliveryMachine(policy: settings.retry, giveUpAfter: giveUpAfter, attemptsMade: item.attempts)
        _ = machine.leased()
        let action = machine.ended(verdict, age: now - item.acceptedAt, jitter: jitter())
        let record = Self.record(of: result, verdict: verdict, startedAt: lease?.startedAt ?? now)
        try apply(action, to: item, lane: index, record: record, at: now)
    }

    private mutating func apply(
        _ action: DeliveryMachine.Action,
        to item: LeasedItem,
        lane index: Int,
        record: AttemptRecord,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) {
        switch action {
        case .markDelivered:
            try close(item, as: .done, lane: index, record: record, at: now)
            memory.metrics.deliveredCount += 1
            memory.lanes[index].deliveredCount += 1
        case .moveToDeadLetters:
            let holds = memory.lanes[index].endpoint?.deadLetterPolicy != .skip
            try close(item, as: holds ? .held : .dead, lane: index, record: record, at: now)
            memory.metrics.deadCount += 1
            memory.lanes[index].deadCount += 1
            countFailedAttempt(lane: index)
        case .retry(let delay):
            _ = try store.reschedule(item, to: now + delay, attempt: record)
            memory.lanes[index].isDue(noLaterThan: now + delay)
            countFailedAttempt(lane: index)
        case .park:
            let revision = memory.lanes[index].endpoint?.revision ?? ""
            _ = try store.park(item, attempt: record)
            try store.park(endpoint: item.endpoint, revision: revision, at: now)
            memory.lanes[index].isParked = true
            memory.lanes[index].parkedRevision = revision
            countFailedAttempt(lane: index)
        case .attempt, .none:
            invariant(false, "a leased item whose attempt ended came to \(action)")
        }
    }

    private mutating func countFailedAttempt(lane index: Int) {
        memory.metrics.failedAttemptCount += 1
        memory.lanes[index].failedAttemptCount += 1
    }

    private mutating func close(
        _ item: LeasedItem,
        as state: ItemState,
        lane index: Int,
        record: AttemptRecord,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) {
        let (isSettled, isPromoted) = try store.settle(item, as: state, attempt: record, at: now)
        invariant(isSettled, "an item found under its lease could not be settled under it")
        if state == .held { memory.lanes[index].heldCount += 1 } else { memory.lanes[index].backlogCount -= 1 }
        if isPromoted { memory.lanes[index].isDue(noLaterThan: now) }
    }

    /// Tells the lane's breaker what the attempt says about the endpoint.
    private mutating func hear(
        _ verdict: Verdict,
        of outcome: AttemptResult.Outcome,
        lane index: Int,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) {
        if case .failed(let failure) = outcome, failure.kind == .notConfigured {
            memory.lanes[index].breaker.returned(at: now)
            return
        }
        if case .transient(let hint) = verdict {
            memory.lanes[index].breaker.failed(at: now, hint: hint, jitter: jitter())
            return
        }
        let endpointMax = memory.lanes[index].endpoint?.inFlightMax ?? 1
        guard memory.lanes[index].breaker.succeeded(endpointMax: endpointMax) else { return }
        let id = memory.lanes[index].id
        let pulledCount = try store.pullForward(endpoint: id, at: now, limit: Self.pulledCountMax)
        if pulledCount > 0 { memory.lanes[index].isDue(noLaterThan: now) }
    }

    /// The worker could not start: the item is ready again, and the lane waits a moment.
    mutating func giveBack(_ leaseID: LeaseID, itemID: UniqueID, at now: ScheduleInstant) throws(SQLiteFailure) {
        _ = endLease(leaseID)
        guard let item = try store.leased(id: itemID, lease: leaseID), try store.giveBack(item, at: now),
            let index = memory.laneByID[item.endpoint]
        else {
            memory.metrics.staleResultCount += 1
            return
        }
        memory.lanes[index].breaker.returned(at: now)
        memory.lanes[index].pausedUntil = now + Self.pauseAfterRefusal
        memory.lanes[index].isDue(noLaterThan: now)
    }

    private mutating func endLease(_ id: LeaseID) -> Lease? {
        guard let lease = memory.leases.removeValue(forKey: id) else { return nil }
        memory.lanes[lease.lane].inFlightCount -= 1
        return lease
    }

    static func verdict(
        of outcome: AttemptResult.Outcome,
        profile: OutboundProfile,
        at now: WallInstant
    ) -> Verdict {
        switch outcome {
        case .failed: .transient(retryAfter: nil)
        case .answered(let status, let retryAfter, let body):
            profile.verdict(status: status, retryAfter: retryAfter, body: body, now: now)
        }
    }

    private static func record(
        of result: AttemptResult,
        verdict: Verdict,
        startedAt: ScheduleInstant
    ) -> AttemptRecord {
        var record = AttemptRecord(startedAt: startedAt, elapsed: result.elapsed)
        switch result.outcome {
        case .answered(let status, _, _):
            record.status = status
            switch verdict {
            case .acknowledged: break
            case .unacknowledged: record.error = "answered \(status) without the acknowledgement"
            case .gone: record.error = "answered 410: wants no more callbacks"
            case .refused, .transient: record.error = "answered \(status)"
            }
        case .failed(let failure):
            record.error = String("\(failure.kind.rawValue): \(failure.detail)".prefix(256))
        }
        return record
    }
}
