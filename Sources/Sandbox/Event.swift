// SPDX-License-Identifier: Apache-2.0

/// One thing a simulator saw or did, as one JSON line.
///
/// The demonstration and the tests judge by these lines: what counts is what the receiving end wrote
/// down, not what the sender believes.
package struct Event: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// The listeners are open.
        case ready
        /// A request arrived and was answered with `status`.
        case request
        /// A connection ended before a request did: `detail` says why.
        case refusal
        /// A request of ours was answered with `status`, or failed: `detail` says how.
        case call
        /// A transfer reached the state in `detail`.
        case transfer
        /// A fault that was asked for happened; `detail` names it.
        case fault
    }

    package var at: String
    package var role: String
    package var event: Kind
    /// The other end's address.
    package var peer: String?
    /// The name in the certificate the other end showed.
    package var certificate: String?
    package var method: String?
    package var path: String?
    package var status: Int?
    package var milliseconds: Int?
    /// The transfer's reference at the network.
    package var transfer: String?
    /// The transfer's reference at the send partner.
    package var reference: String?
    /// `X-EIG-Partner`: who the edge says is calling.
    package var partner: String?
    /// `X-EIG-Request-Id` or the callback's stable identifier.
    package var id: String?
    package var detail: String?
    package var body: String?

    package init(_ event: Kind, role: String, at: String = "") {
        self.event = event
        self.role = role
        self.at = at
    }
}
