// SPDX-License-Identifier: Apache-2.0

/// One backend as eigd sees it, all workers' pools together.
package struct BackendStatus: Codable, Hashable, Sendable {
    package var name: String
    package var address: String
    package var connectionsLive = 0
    package var connectionsIdle = 0
    package var requestsTotal = 0
    /// Answers that never came: connect failures, resets, timeouts.
    package var failuresTotal = 0
    package var lastFailureAt: String?
    package var lastFailure: String?

    package init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// One listening socket.
package struct ListenerStatus: Codable, Hashable, Sendable {
    /// `partners` or `internal`.
    package var kind: String
    package var address: String
    package var connectionsLive = 0
    package var acceptedTotal = 0
    package var refusedTotal = 0

    package init(kind: String, address: String) {
        self.kind = kind
        self.address = address
    }
}

/// One worker thread.
package struct WorkerStatus: Codable, Hashable, Sendable {
    package var index: Int
    package var connectionsLive = 0
    package var requestsTotal = 0

    package init(index: Int) { self.index = index }
}

/// The callback relay.
package struct RelayStatus: Codable, Hashable, Sendable {
    /// Accepted and not yet settled: due, waiting behind another, or being delivered.
    package var pending = 0
    package var inFlight = 0
    package var dead = 0
    /// How late the oldest due item is; 0 when none is due.
    package var oldestDueSeconds = 0
    package var acceptedTotal = 0
    package var deliveredTotal = 0
    package var attemptsTotal = 0
    package var deadTotal = 0
    package var storeBytes = 0
    /// False once the store refuses new items, by watermark or error.
    package var isAccepting = true
    package var endpoints: [RelayEndpointStatus] = []

    package init() {}
}

/// One place the relay delivers to.
package struct RelayEndpointStatus: Codable, Hashable, Sendable {
    /// A backend's name or a partner's id.
    package var name: String
    /// `backend` or `partner`.
    package var kind: String
    package var pending = 0
    package var inFlight = 0
    package var dead = 0
    /// Whether the breaker holds deliveries back after failures.
    package var isPaused = false

    package init(name: String, kind: String) {
        self.name = name
        self.kind = kind
    }
}
