// SPDX-License-Identifier: Apache-2.0

/// The relay in numbers; totals count from the start of the process.
package struct RelayMetrics: Hashable, Sendable {
    /// What stands in the way of accepting.
    package enum Room: String, Hashable, Sendable {
        case enough
        /// Below a watermark: submissions wait, deliveries go on.
        case scarce
        /// The volume is full: the ballast is spent on recording deliveries.
        case full
    }

    package struct Endpoint: Hashable, Sendable {
        package let destination: String
        /// Items not yet delivered, given up ones that hold a key included.
        package let backlogCount: Int
        package let heldCount: Int
        package let inFlightCount: Int
        /// How long the longest due item has been due; nothing when none is.
        package let oldestDueAge: Duration?
        /// How long ago the longest waiting item was accepted, as of a look 15 seconds ago at most; nothing when
        /// none waits.
        ///
        /// Exact up to ten thousand transactions, and a lower bound beyond.
        package let oldestAge: Duration?
        package let deliveredCount: Int
        package let failedAttemptCount: Int
        package let deadCount: Int
        /// `closed`, `open`, `probing`, `recovering` or `parked`.
        package let state: String
    }

    package var acceptedCount = 0
    package var duplicateCount = 0
    package var conflictCount = 0
    package var overloadedCount = 0
    package var deliveredCount = 0
    package var failedAttemptCount = 0
    package var deadCount = 0
    package var replayedCount = 0
    /// Results whose lease was no longer theirs; each may be a duplicate delivery.
    package var staleResultCount = 0
    package var expiredLeaseCount = 0
    /// Leases of the process before this one.
    package var recoveredLeaseCount = 0
    /// Stored bodies that no longer match their hash; never sent.
    package var corruptBodyCount = 0
    package var purgedCount = 0
    package var commitCount = 0
    package var checkpointCount = 0
    package var room = Room.enough
    package var logBytes: Int64 = 0
    package var storeBytes: Int64 = 0
    package var freeBytes: Int64?
    package var endpoints: [Endpoint] = []
    package var commits = CommitDurations()

    package init() {}

    package var backlogCount: Int { endpoints.reduce(0) { $0 + $1.backlogCount } }
    package var oldestDueAge: Duration? { endpoints.compactMap(\.oldestDueAge).max() }
}
