// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import SQLite

extension RelayEngine {
    mutating func answer(_ query: RelayQuery, at time: RelayTime) throws(SQLiteFailure) -> RelayAnswer {
        switch query {
        case .list(let filter):
            let (items, before) = try store.list(filter)
            return .items(items, before: before)
        case .show(let id): return try show(id)
        case .replay(let id): return try replay(id, at: time)
        case .release(let id):
            guard let released = try store.release(id, at: time.schedule) else {
                return try store.item(id) == nil ? .notFound : .refused("the item holds no key")
            }
            if let index = memory.laneByID[released.endpoint] {
                memory.lanes[index].backlogCount -= 1
                memory.lanes[index].heldCount -= 1
                if released.isPromoted { memory.lanes[index].isDue(noLaterThan: time.schedule) }
            }
            return .released
        case .resume(let destination):
            guard let index = memory.laneByName[destination.description] else { return .notFound }
            guard memory.lanes[index].isParked else { return .refused("the endpoint is not parked") }
            return .resumed(itemCount: try resume(index, at: time.schedule))
        case .copy: return try beginCopy(at: time)
        case .copyStatus: return .copy(copy.status)
        case .dropCopy:
            guard !isCopying else { return .refused("the copy is being made") }
            dropCopy()
            return .copy(copy.status)
        case .stats: return .stats(metrics(at: time.schedule))
        }
    }

    private func show(_ id: UniqueID) throws(SQLiteFailure) -> RelayAnswer {
        var found = try store.item(id)
        if found == nil { found = try store.items(message: id).first }
        guard let item = found else { return .notFound }
        let siblings = try store.items(message: item.messageID).filter { $0.id != item.id }
        return .item(
            ItemDetail(
                item: item,
                attempts: try store.attempts(sequence: item.sequence),
                body: try store.body(message: item.messageID),
                siblings: siblings
            )
        )
    }

    private mutating func replay(_ id: UniqueID, at time: RelayTime) throws(SQLiteFailure) -> RelayAnswer {
        let newID = newID(at: time)
        switch try store.replay(id, as: newID, at: time.schedule) {
        case .unknown: return .notFound
        case .notSettled(.parked):
            // It was never given up: its endpoint is taken up again, and everything parked there with it.
            guard let item = try store.item(id), let index = memory.laneByName[item.destination] else {
                return .notFound
            }
            _ = try resume(index, at: time.schedule)
            return .replayed(id)
        case .notSettled(let state): return .refused("the item is \(state): it is still to be delivered")
        case .replayed(let endpoint, let isHead, let heldBefore):
            memory.metrics.replayedCount += 1
            if let index = memory.laneByID[endpoint] {
                memory.lanes[index].backlogCount += heldBefore ? 0 : 1
                if heldBefore { memory.lanes[index].heldCount -= 1 }
                if isHead { memory.lanes[index].isDue(noLaterThan: time.schedule) }
            }
            return .replayed(newID)
        }
    }
}
