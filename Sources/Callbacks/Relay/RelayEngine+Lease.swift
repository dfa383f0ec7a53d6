// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite
internal import TLS

extension RelayEngine {
    /// Items one lane may take before the next one has its turn.
    private static let sliceCount = 4

    /// Leases due heads, lane after lane, while there is room anywhere.
    mutating func leaseDue(at time: RelayTime) throws(SQLiteFailure) -> [DeliveryOrder] {
        var orders: [DeliveryOrder] = []
        let laneCount = memory.lanes.count
        var isAnythingLeft = laneCount > 0
        while isAnythingLeft {
            isAnythingLeft = false
            for step in 0..<laneCount {
                let roomCount = min(settings.inFlightMax - memory.leases.count, settings.batchCountMax - orders.count)
                guard roomCount > 0 else { return orders }
                let index = (memory.cursor + step) % laneCount
                let taken = try lease(lane: index, limit: min(roomCount, Self.sliceCount), at: time, into: &orders)
                isAnythingLeft = isAnythingLeft || taken
            }
            memory.cursor = (memory.cursor + 1) % laneCount
        }
        return orders
    }

    /// - Returns: whether the lane may have more.
    private mutating func lease(
        lane index: Int,
        limit: Int,
        at time: RelayTime,
        into orders: inout [DeliveryOrder]
    ) throws(SQLiteFailure) -> Bool {
        let now = time.schedule
        let lane = memory.lanes[index]
        let count = min(limit, lane.room(at: now))
        guard count > 0, let earliestDue = lane.earliestDue, earliestDue <= now,
            let endpoint = lane.endpoint, let destination = lane.destination
        else { return false }
        let items = try store.due(endpoint: lane.id, at: now, limit: count)
        for item in items {
            let leaseID = LeaseID(rawValue: Int64(draw() >> 1))
            let isTaken = try store.take(sequence: item.sequence, lease: leaseID)
            invariant(isTaken, "a due item could not be leased in the transaction that found it")
            guard Digest.sha256(item.body) == item.hash else {
                try bury(item, lease: leaseID, lane: index, at: now)
                continue
            }
            let expiresAt = now + endpoint.timeout * 2
            memory.leases[leaseID] = Lease(lane: index, itemID: item.id, startedAt: now, expiresAt: expiresAt)
            memory.leaseExpiry = min(memory.leaseExpiry ?? expiresAt, expiresAt)
            memory.lanes[index].inFlightCount += 1
            memory.lanes[index].breaker.started(at: now)
            orders.append(order(for: item, lease: leaseID, destination: destination, endpoint: endpoint, at: time))
        }
        if items.count < count { memory.lanes[index].earliestDue = try store.earliestDue(endpoint: lane.id) }
        return items.count == count
    }

    private func order(
        for item: DueItem,
        lease: LeaseID,
        destination: Destination,
        endpoint: RelayEndpoint,
        at time: RelayTime
    ) -> DeliveryOrder {
        let context = OutboundProfile.Context(
            messageID: item.messageID,
            sequence: item.keySequence,
            attempt: item.attempts + 1,
            kind: item.kind,
            source: item.source,
            partner: item.partner,
            contentType: item.contentType,
            bodyHash: item.hash,
            fields: item.fields,
            isReplay: item.isReplay,
            now: time.wall
        )
        return DeliveryOrder(
            leaseID: lease,
            itemID: item.id,
            destination: destination,
            attempt: item.attempts + 1,
            method: endpoint.profile.method,
            pathSuffix: endpoint.path(for: item.kind),
            fields: endpoint.profile.fields(for: context, body: item.body),
            body: item.body,
            deadline: endpoint.timeout
        )
    }

    /// A body that is not what was accepted is never sent: its item is given up and holds its key.
    private mutating func bury(
        _ item: DueItem,
        lease: LeaseID,
        lane index: Int,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) {
        guard let leased = try store.leased(id: item.id, lease: lease) else { return }
        let record = AttemptRecord(
            startedAt: now,
            elapsed: .zero,
            error: "the stored body does not match its hash; not sent"
        )
        _ = try store.settle(leased, as: .held, attempt: record, at: now)
        memory.metrics.corruptBodyCount += 1
        memory.metrics.deadCount += 1
        memory.lanes[index].deadCount += 1
        memory.lanes[index].heldCount += 1
    }

    /// Leases whose worker has not answered in twice its deadline: the attempt failed, and may still arrive.
    mutating func expireLeases(at time: RelayTime) throws(SQLiteFailure) {
        guard let expiry = memory.leaseExpiry, expiry <= time.schedule else { return }
        for (id, lease) in memory.leases where lease.expiresAt <= time.schedule {
            memory.metrics.expiredLeaseCount += 1
            let failure = DeliveryFailure(kind: .timeout, detail: "no result before the lease ran out")
            let result = AttemptResult(
                leaseID: id,
                itemID: lease.itemID,
                outcome: .failed(failure),
                elapsed: time.schedule - lease.startedAt
            )
            try settle(result, at: time)
        }
        memory.leaseExpiry = memory.leases.values.map(\.expiresAt).min()
    }
}
