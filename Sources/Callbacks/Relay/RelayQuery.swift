// SPDX-License-Identifier: Apache-2.0
package import Base

/// What operators ask of the relay.
package enum RelayQuery: Sendable {
    /// Items newest first.
    case list(Filter)
    /// One item, its attempts and its body; by its identifier or its message's.
    case show(UniqueID)
    /// Delivers a settled item once more, as a new item; a parked one goes on as it is, and its endpoint with it.
    case replay(UniqueID)
    /// Lets a key go on without the dead letter at its head.
    case release(UniqueID)
    /// Takes up an endpoint that answered 410.
    case resume(Destination)
    case stats
    /// Begins a copy of the store for a backup; its steps are made between batches.
    case copy
    case copyStatus
    /// Removes the copy that was made.
    case dropCopy

    package struct Filter: Hashable, Sendable {
        package static let limitMax = 1000

        package var states: Set<ItemState>
        /// The partner the callback is about.
        package var partner: String?
        package var destination: Destination?
        /// At most ``limitMax``.
        package var limit: Int
        /// Only what is older than this ``ItemSummary/sequence``.
        package var before: Int64?

        package init(
            states: Set<ItemState> = Set(ItemState.allCases),
            partner: String? = nil,
            destination: Destination? = nil,
            limit: Int = 100,
            before: Int64? = nil
        ) {
            self.states = states
            self.partner = partner
            self.destination = destination
            self.limit = max(1, min(limit, Self.limitMax))
            self.before = before
        }

        /// Everything given up: what holds its key and what does not.
        package static func deadLetters(limit: Int = 100) -> Filter { Filter(states: [.dead, .held], limit: limit) }
    }
}

/// What the relay answers.
package enum RelayAnswer: Sendable {
    /// - Parameter before: where the listing goes on; nothing at its end.
    case items([ItemSummary], before: Int64?)
    case item(ItemDetail)
    /// The item that will be delivered: a new one, or the parked one itself.
    case replayed(UniqueID)
    /// The key goes on.
    case released
    /// - Parameter itemCount: the parked items that are ready again.
    case resumed(itemCount: Int)
    case stats(RelayMetrics)
    case copy(StoreCopyStatus)
    case notFound
    /// Not possible as things are, and why.
    case refused(String)
    /// The relay has stopped, or has no room for the question.
    case unavailable
}

/// Everything about one item.
package struct ItemDetail: Sendable {
    package let item: ItemSummary
    /// Newest first, at most 100.
    package let attempts: [AttemptSummary]
    package let body: [UInt8]?
    /// The other items of its message: other destinations and replays.
    package let siblings: [ItemSummary]
}
