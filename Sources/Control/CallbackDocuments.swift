// SPDX-License-Identifier: Apache-2.0

/// One callback to one destination, without its body.
package struct CallbackItem: Codable, Hashable, Sendable {
    package var id: String
    /// `ready`, `leased`, `waiting` (behind an earlier one of its order), `parked`, `done`, `dead` (given up)
    /// or `held` (given up, and in the way of the ones behind it).
    package var state: String
    /// `receiver` (a partner told us) or `sender` (we tell a partner).
    package var kind: String
    /// The partner or backend it came from.
    package var source: String
    /// The partner or backend it goes to.
    package var destination: String
    package var orderKey: String
    package var dedupKey: String?
    package var contentType: String
    package var bodyBytes: Int
    package var attempts: Int
    package var acceptedAt: String
    /// When it is tried next; nothing once settled or while waiting.
    package var nextAt: String?
    package var settledAt: String?
    package var lastStatus: Int?
    package var lastError: String?
    /// The item this one repeats on an operator's order.
    package var replayOf: String?

    package init(
        id: String,
        state: String,
        kind: String,
        source: String,
        destination: String,
        orderKey: String,
        dedupKey: String? = nil,
        contentType: String,
        bodyBytes: Int,
        attempts: Int,
        acceptedAt: String
    ) {
        self.id = id
        self.state = state
        self.kind = kind
        self.source = source
        self.destination = destination
        self.orderKey = orderKey
        self.dedupKey = dedupKey
        self.contentType = contentType
        self.bodyBytes = bodyBytes
        self.attempts = attempts
        self.acceptedAt = acceptedAt
    }
}

/// One try at delivering a callback.
package struct CallbackAttempt: Codable, Hashable, Sendable {
    /// From 1.
    package var number: Int
    package var startedAt: String
    package var elapsedMilliseconds: Int
    /// The answer's status, if there was one.
    package var status: Int?
    /// Why there was none, or why it did not count.
    package var error: String?

    package init(
        number: Int,
        startedAt: String,
        elapsedMilliseconds: Int,
        status: Int? = nil,
        error: String? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.elapsedMilliseconds = elapsedMilliseconds
        self.status = status
        self.error = error
    }
}

/// The answer to `GET /v1/callbacks`.
package struct CallbackListDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// Newest first.
    package var callbacks: [CallbackItem]
    /// Whether there are more than the limit asked for.
    package var isTruncated: Bool

    package init(callbacks: [CallbackItem], isTruncated: Bool) {
        self.callbacks = callbacks
        self.isTruncated = isTruncated
    }
}

/// The answer to `GET /v1/callbacks/{id}`.
package struct CallbackDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var callback: CallbackItem
    package var attempts: [CallbackAttempt]
    /// The body where it is UTF-8 and still stored.
    package var body: String?
    /// The body where it is stored and not UTF-8.
    package var bodyBase64: String?

    package init(
        callback: CallbackItem,
        attempts: [CallbackAttempt],
        body: String? = nil,
        bodyBase64: String? = nil
    ) {
        self.callback = callback
        self.attempts = attempts
        self.body = body
        self.bodyBase64 = bodyBase64
    }
}

/// The answer to `POST /v1/callbacks/{id}/replay`.
package struct ReplayAnswer: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// The item asked for.
    package var replayOf: String
    /// The new item that repeats it.
    package var id: String

    package init(replayOf: String, id: String) {
        self.replayOf = replayOf
        self.id = id
    }
}
