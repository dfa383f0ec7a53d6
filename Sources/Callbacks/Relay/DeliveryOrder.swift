// SPDX-License-Identifier: Apache-2.0
package import Base

/// The proof of who may settle an attempt: a new one for each lease of an item.
package struct LeaseID: Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// One attempt a worker must make, complete but for the address and the connection.
package struct DeliveryOrder: Sendable {
    package let leaseID: LeaseID
    package let itemID: UniqueID
    package let destination: Destination
    /// Counts from 1.
    package let attempt: Int
    package let method: String
    /// Replaces a backend's path; a partner's URL is used as it is when there is none.
    package let pathSuffix: String?
    /// Everything but Host and the framing.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]
    /// From resolving to the last byte of the answer; the lease lasts twice as long.
    package let deadline: Duration

    package init(
        leaseID: LeaseID,
        itemID: UniqueID,
        destination: Destination,
        attempt: Int,
        method: String,
        pathSuffix: String?,
        fields: [(name: String, value: String)],
        body: [UInt8],
        deadline: Duration
    ) {
        self.leaseID = leaseID
        self.itemID = itemID
        self.destination = destination
        self.attempt = attempt
        self.method = method
        self.pathSuffix = pathSuffix
        self.fields = fields
        self.body = body
        self.deadline = deadline
    }
}

/// Why an attempt ended without an answer.
package struct DeliveryFailure: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case resolve
        case connect
        case tls
        case timeout
        case reset
        case malformed
        case notConfigured = "not_configured"
    }

    package let kind: Kind
    /// For the operator; never partner bytes.
    package let detail: String

    package init(kind: Kind, detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

/// What came of one ``DeliveryOrder``.
package struct AttemptResult: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// An answer with its status, its Retry-After and at most 16 KiB of its body.
        case answered(status: Int, retryAfter: String?, body: [UInt8])
        case failed(DeliveryFailure)
    }

    package let leaseID: LeaseID
    package let itemID: UniqueID
    package let outcome: Outcome
    package let elapsed: Duration

    package init(leaseID: LeaseID, itemID: UniqueID, outcome: Outcome, elapsed: Duration) {
        self.leaseID = leaseID
        self.itemID = itemID
        self.outcome = outcome
        self.elapsed = elapsed
    }
}
