// SPDX-License-Identifier: Apache-2.0

/// The answer of `jumpd tunnels` to `GET /v1/status`.
package struct TunnelsStatusDocument: ControlDocument {
    /// The Libreswan of this host.
    package struct Libreswan: Codable, Hashable, Sendable {
        package var isInstalled = false
        package var isRunning = false
        /// Such as `4.10`; nothing when it could not be asked.
        package var version: String?

        package init(isInstalled: Bool = false, isRunning: Bool = false, version: String? = nil) {
            self.isInstalled = isInstalled
            self.isRunning = isRunning
            self.version = version
        }
    }

    /// What is kept of the past.
    package struct History: Codable, Hashable, Sendable {
        package var bytes: Int
        package var eventCount: Int
        /// The oldest event; nothing when there is none.
        package var since: String?
        /// Why nothing is written at the moment; nothing when it is.
        package var trouble: String?

        package init(bytes: Int, eventCount: Int, since: String? = nil, trouble: String? = nil) {
            self.bytes = bytes
            self.eventCount = eventCount
            self.since = since
            self.trouble = trouble
        }
    }

    package var schema = controlSchema
    /// Whether every tunnel that should be up is.
    package var ok = true
    package var program: ProgramStatus
    package var configuration: ConfigurationStatus
    package var libreswan = Libreswan()
    /// By partner and name.
    package var tunnels: [TunnelStatus] = []
    package var history: History?
    /// Known faults of the installed Libreswan.
    package var advisories: [AdvisoryStatus] = []
    /// What an operator should know, one line each.
    package var notices: [String] = []

    package init(program: ProgramStatus, configuration: ConfigurationStatus) {
        self.program = program
        self.configuration = configuration
    }
}

/// One tunnel as it was observed.
package struct TunnelStatus: Codable, Hashable, Sendable {
    /// The last failure that was heard.
    package struct Failure: Codable, Hashable, Sendable {
        package var at: String
        /// Such as `no_answer` or `ike_proposal`.
        package var reason: String
        /// In plain words.
        package var message: String
        package var hint: String
        /// In Libreswan's words.
        package var detail: String
        /// What we want and what the partner wants, where that is known.
        package var ours: String?
        package var theirs: String?

        package init(at: String, reason: String, message: String, hint: String, detail: String) {
            self.at = at
            self.reason = reason
            self.message = message
            self.hint = hint
            self.detail = detail
        }
    }

    package var partner: String
    package var name: String
    /// `up`, `partial`, `starting`, `down`, `held` or `unknown`.
    package var state: String
    /// Since when it is in this state.
    package var since: String
    package var lastUpAt: String?
    /// Whether Libreswan has all its connections.
    package var isLoaded = false
    /// `up`, `asking` or `down`.
    package var ike = "down"
    /// Pairs of networks, and those that have a child SA.
    package var pairCount = 0
    package var pairUpCount = 0
    /// The partner's gateway that is used, and whether it is the backup.
    package var peer: String
    package var isOnBackup = false
    package var bytesInTotal: Int64 = 0
    package var bytesOutTotal: Int64 = 0
    package var rekeysTotal = 0
    /// How often it went down or was set up anew, ever and in the last 24 hours.
    package var flapsTotal = 0
    package var flapsDay = 0
    /// In per cent of the time it was watched in the last 30 days; nothing when it was not.
    package var availability: Double?
    package var lastFailure: Failure?

    package init(partner: String, name: String, state: String, since: String, peer: String) {
        self.partner = partner
        self.name = name
        self.state = state
        self.since = since
        self.peer = peer
    }

    /// Whether somebody should look: it is configured, nobody took it down, and it does not carry traffic.
    package var isFailing: Bool { state == "down" || state == "partial" }
}

/// One known fault of the installed Libreswan, and whether we keep it from being used.
package struct AdvisoryStatus: Codable, Hashable, Sendable {
    /// Such as `CVE-2024-2357`.
    package var id: String
    package var summary: String
    package var isWorkedAround: Bool
    /// How, or what is left to do.
    package var how: String

    package init(id: String, summary: String, isWorkedAround: Bool, how: String) {
        self.id = id
        self.summary = summary
        self.isWorkedAround = isWorkedAround
        self.how = how
    }
}
