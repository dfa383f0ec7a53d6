// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One endpoint as the engine sees it: its own bounds, its own breaker, its own backlog.
struct Lane {
    let id: Int64
    let name: String
    let destination: Destination?
    /// Nothing while the configuration does not name it: its items stay where they are.
    var endpoint: RelayEndpoint?
    var breaker = Breaker()
    /// Since it answered 410.
    var isParked = false
    var parkedRevision: String?
    var inFlightCount = 0
    /// No head is due before this; nothing when there is no ready head.
    var earliestDue: ScheduleInstant?
    /// Its worker had no room.
    var pausedUntil: ScheduleInstant?
    var backlogCount = 0
    var heldCount = 0
    /// Since the start of the process.
    var deliveredCount = 0
    var failedAttemptCount = 0
    var deadCount = 0
    /// When the longest waiting item was accepted, as of the last look.
    var oldestAcceptedAt: ScheduleInstant?

    init(id: Int64, name: String) {
        self.id = id
        self.name = name
        destination = Destination(name)
    }

    /// How many more attempts may start now.
    func room(at now: ScheduleInstant) -> Int {
        guard let endpoint, !isParked, destination != nil else { return 0 }
        if let pausedUntil, now < pausedUntil { return 0 }
        return max(0, breaker.inFlightMax(at: now, endpointMax: endpoint.inFlightMax) - inFlightCount)
    }

    /// When it should be looked at again although nothing happens.
    func wakeAt(from now: ScheduleInstant) -> ScheduleInstant? {
        guard let endpoint, !isParked, destination != nil, var at = earliestDue else { return nil }
        if let pausedUntil { at = max(at, pausedUntil) }
        if let opensAt = breaker.opensAt { at = max(at, opensAt) }
        // Full lanes are woken by the result that makes room.
        let isFull = breaker.inFlightMax(at: max(at, now), endpointMax: endpoint.inFlightMax) <= inFlightCount
        return isFull ? nil : at
    }

    mutating func isDue(noLaterThan instant: ScheduleInstant) {
        earliestDue = min(earliestDue ?? instant, instant)
    }

    func metrics(at now: ScheduleInstant) -> RelayMetrics.Endpoint {
        let state: String
        switch breaker.state {
        case .closed: state = "closed"
        case .open: state = "open"
        case .probing: state = "probing"
        case .recovering: state = "recovering"
        }
        return RelayMetrics.Endpoint(
            destination: name,
            backlogCount: backlogCount,
            heldCount: heldCount,
            inFlightCount: inFlightCount,
            oldestDueAge: earliestDue.flatMap { $0 <= now ? now - $0 : nil },
            oldestAge: oldestAcceptedAt.map { max(.zero, now - $0) },
            deliveredCount: deliveredCount,
            failedAttemptCount: failedAttemptCount,
            deadCount: deadCount,
            state: isParked ? "parked" : state
        )
    }
}
