// SPDX-License-Identifier: Apache-2.0

/// One target, and whether the caller may go there.
package struct TargetItem: Codable, Hashable, Sendable {
    /// As in `jumpd.toml`.
    package var id: String
    package var ports: [Int]
    /// `tcp` or `postgresql`.
    package var `protocol`: String
    /// What is kept of a session there: `metadata` is who, when and how many bytes, and nothing of what they say.
    package var records: String
    /// The way from the gate to it: `plain`, what the client sends is all there is, or `tls`, encrypted by the gate.
    package var leg: String
    /// Why it exists.
    package var reason: String
    /// The name a database client calls: `TARGET.NAME`; nothing for other protocols.
    package var host: String?
    package var idleSeconds: Int
    package var longestSeconds: Int
    /// Whether a grant of the caller's allows it now, which, and until when.
    package var isAllowed = false
    package var grant: String?
    package var until: String?
    /// Whether a request of the caller's for it waits for a decision.
    package var isRequested = false

    package init(
        id: String,
        ports: [Int],
        protocol: String,
        records: String,
        leg: String,
        reason: String,
        host: String? = nil,
        idleSeconds: Int,
        longestSeconds: Int
    ) {
        self.id = id
        self.ports = ports
        self.protocol = `protocol`
        self.records = records
        self.leg = leg
        self.reason = reason
        self.host = host
        self.idleSeconds = idleSeconds
        self.longestSeconds = longestSeconds
    }
}

/// The answer to `GET /v1/targets`: those of the caller's roles; all, to somebody on the host who is no administrator.
package struct TargetListDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// The caller's `id`; nothing for nobody the gate knows.
    package var who: String?
    /// By name.
    package var targets: [TargetItem]

    package init(who: String? = nil, targets: [TargetItem]) {
        self.who = who
        self.targets = targets
    }
}
