// SPDX-License-Identifier: Apache-2.0

/// One partner as eigd sees it.
package struct PartnerStatus: Codable, Hashable, Sendable {
    package var id: String
    package var name: String
    package var roles: [String]
    package var isEnabled: Bool
    package var connectionsLive = 0
    /// Requests being answered now.
    package var requestsConcurrent = 0
    package var requestsTotal = 0
    package var refusedTotal = 0
    package var refusals: [CountedReason] = []
    package var lastRequestAt: String?

    package init(id: String, name: String, roles: [String], isEnabled: Bool) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isEnabled = isEnabled
    }
}

/// One certificate whose end would stop something.
package struct CertificateStatus: Codable, Hashable, Sendable {
    /// `server`, `partner-ca`, `identity`, `backend-ca`, `tunnel` (ours, of a tunnel) or `tunnel-ca`.
    package var use: String
    /// The partner it belongs to; nothing for our own server certificate.
    package var partner: String?
    package var file: String
    package var subject: String
    package var notAfter: String
    /// Whole days left, rounded down; negative once it has ended.
    package var daysLeft: Int

    package init(use: String, partner: String? = nil, file: String, subject: String, notAfter: String, daysLeft: Int) {
        self.use = use
        self.partner = partner
        self.file = file
        self.subject = subject
        self.notAfter = notAfter
        self.daysLeft = daysLeft
    }
}
