// SPDX-License-Identifier: Apache-2.0
package import Base

/// Where a callback is delivered.
package enum Destination: Hashable, Sendable, CustomStringConvertible {
    case partner(PartnerID)
    case backend(String)

    /// `partner:payfast` or `backend:txn`: the name it is stored and reported under.
    package var description: String {
        switch self {
        case .partner(let partner): "partner:\(partner)"
        case .backend(let name): "backend:\(name)"
        }
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "partner":
            guard let partner = PartnerID(String(parts[1])) else { return nil }
            self = .partner(partner)
        case "backend": self = .backend(String(parts[1]))
        default: return nil
        }
    }
}

/// One callback handed to the relay: a body and everybody who must get it.
package struct Submission: Sendable {
    package enum Kind: Int64, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        /// A receive partner told the network.
        case receiver = 1
        /// The network tells a send partner.
        case sender = 2

        package var description: String { self == .receiver ? "receiver" : "sender" }
    }

    /// The partner or backend it came from; duplicates are looked for among its own only.
    package var source: String
    package var kind: Kind
    /// What identifies this very message at its source; the body's hash does when there is none.
    package var dedupKey: String?
    /// Items of one key reach one destination one after the other.
    package var orderKey: String
    package var body: [UInt8]
    package var contentType: String
    /// Fields to send along; one with a line break in it is dropped.
    package var fields: [(name: String, value: String)]
    /// At least one; the first one's item carries the identifier that is answered.
    package var destinations: [Destination]
    package var receivedAt: WallInstant

    package init(
        source: String,
        kind: Kind,
        dedupKey: String?,
        orderKey: String,
        body: [UInt8],
        contentType: String,
        fields: [(name: String, value: String)] = [],
        destinations: [Destination],
        receivedAt: WallInstant
    ) {
        self.source = source
        self.kind = kind
        self.dedupKey = dedupKey
        self.orderKey = orderKey
        self.body = body
        self.contentType = contentType
        self.fields = fields
        self.destinations = destinations
        self.receivedAt = receivedAt
    }
}

/// What became of a submission; only the first two may be acknowledged.
package enum SubmitOutcome: Hashable, Sendable {
    /// It is on the disk and will be delivered.
    case accepted(UniqueID)
    /// The same message is on the disk already, under this identifier: answer as the first time.
    case duplicate(UniqueID)
    /// Another message with this key is on the disk: answer 409.
    case conflict(UniqueID)
    /// No room or too much waiting: answer 429 or 503 with Retry-After.
    case overloaded(retryAfter: Duration)
    /// It could not be stored: answer 503, and nothing is promised.
    case failed(String)
}
