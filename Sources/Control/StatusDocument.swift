// SPDX-License-Identifier: Apache-2.0

/// What a running program says about itself.
package struct ProgramStatus: Codable, Hashable, Sendable {
    /// `eigd` or `jumpd enforce`.
    package var name: String
    package var version: String
    package var pid: Int
    package var startedAt: String
    package var uptimeSeconds: Int

    package init(name: String, version: String, pid: Int, startedAt: String, uptimeSeconds: Int) {
        self.name = name
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
    }
}

/// Which configuration runs, and what became of the last attempt to change it.
package struct ConfigurationStatus: Codable, Hashable, Sendable {
    package struct Attempt: Codable, Hashable, Sendable {
        package var at: String
        package var ok: Bool
        /// Why not, in one line.
        package var message: String?

        package init(at: String, ok: Bool, message: String? = nil) {
            self.at = at
            self.ok = ok
            self.message = message
        }
    }

    /// Counts from 1 at start; 0 when there has been none.
    package var generation: Int
    package var loadedAt: String?
    package var lastAttempt: Attempt?

    package init(generation: Int, loadedAt: String? = nil, lastAttempt: Attempt? = nil) {
        self.generation = generation
        self.loadedAt = loadedAt
        self.lastAttempt = lastAttempt
    }
}

/// How often one reason code was the answer.
package struct CountedReason: Codable, Hashable, Sendable {
    package var reason: String
    package var count: Int

    package init(reason: String, count: Int) {
        self.reason = reason
        self.count = count
    }
}

/// The answer of eigd to `GET /v1/status`.
package struct StatusDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var program: ProgramStatus
    package var configuration: ConfigurationStatus
    package var partners: [PartnerStatus] = []
    package var backends: [BackendStatus] = []
    package var listeners: [ListenerStatus] = []
    package var workers: [WorkerStatus] = []
    package var relay: RelayStatus?
    /// Ours and the partners' anchors, in any order.
    package var certificates: [CertificateStatus] = []
    /// Refusals that no partner could be named for, by reason.
    package var refusals: [CountedReason] = []
    /// What an operator should know, one line each; nothing when there is nothing.
    package var notices: [String]?

    package init(program: ProgramStatus, configuration: ConfigurationStatus) {
        self.program = program
        self.configuration = configuration
    }
}
