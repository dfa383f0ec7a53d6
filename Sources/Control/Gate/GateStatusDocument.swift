// SPDX-License-Identifier: Apache-2.0

/// The answer of `jumpd gate` to `GET /v1/status`.
package struct GateStatusDocument: ControlDocument {
    /// Live connections and their limit.
    package struct Sessions: Codable, Hashable, Sendable {
        package var live = 0
        package var liveMax = 0
        package var breakGlassLive = 0
        package var admittedTotal = 0
        package var refusedTotal = 0

        package init() {}
    }

    /// How many grants there are of a kind.
    package struct Grants: Codable, Hashable, Sendable {
        package var pending = 0
        /// Since when the oldest of those waits.
        package var oldestPendingAt: String?
        package var scheduled = 0
        package var active = 0
        package var breakGlassActive = 0
        /// Uses of break-glass nobody else has looked at yet, and since when the oldest waits.
        package var reviewsOpen = 0
        package var oldestReviewAt: String?

        package init() {}
    }

    /// Where grants are kept.
    package struct Store: Codable, Hashable, Sendable {
        package var path: String
        package var bytes: Int
        /// Why nothing can be written at the moment; nothing when it can.
        package var trouble: String?

        package init(path: String, bytes: Int, trouble: String? = nil) {
            self.path = path
            self.bytes = bytes
            self.trouble = trouble
        }
    }

    package var schema = controlSchema
    package var ok = true
    package var program: ProgramStatus
    package var configuration: ConfigurationStatus
    /// The gate's name; nothing where no gate is configured.
    package var gate: String?
    package var listeners: [ListenerStatus] = []
    package var workers: [WorkerStatus] = []
    package var sessions = Sessions()
    package var grants = Grants()
    package var peopleCount = 0
    package var targetCount = 0
    /// Who is locked out, the last first.
    package var lockouts: [LockoutItem] = []
    /// Refused connections by reason, since start.
    package var refusals: [CountedReason] = []
    /// The last review; nothing when there was none.
    package var review: ReviewSignature?
    /// Since when a review could have been signed: the first start with a gate.
    package var reviewableSince: String?
    package var store: Store?
    /// Why sessions cannot be written to the audit log, so that none is admitted; nothing when they can.
    package var auditTrouble: String?
    /// Ours and the administrators' anchors.
    package var certificates: [CertificateStatus] = []
    /// What an operator should know, one line each.
    package var notices: [String] = []

    package init(program: ProgramStatus, configuration: ConfigurationStatus) {
        self.program = program
        self.configuration = configuration
    }
}

/// A person or an address that has failed too often.
package struct LockoutItem: Codable, Hashable, Sendable {
    /// `person` or `address`.
    package var kind: String
    /// The person's `id`, or the address.
    package var name: String
    package var since: String
    package var until: String
    package var failures: Int

    package init(kind: String, name: String, since: String, until: String, failures: Int) {
        self.kind = kind
        self.name = name
        self.since = since
        self.until = until
        self.failures = failures
    }
}

/// The answer to `POST /v1/unlock`.
package struct UnlockDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// Those that were locked out; empty when nobody was.
    package var unlocked: [LockoutItem]

    package init(unlocked: [LockoutItem]) { self.unlocked = unlocked }
}
