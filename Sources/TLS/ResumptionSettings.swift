// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How long and for how many connections a listening side lets its clients resume (RFC 8446 §2.2).
package struct ResumptionSettings: Hashable, Sendable {
    /// Tickets remembered at once, 1 or more; beyond it the oldest are forgotten and their clients shake hands in full.
    package let ticketsMax: Int
    /// Counted from the full handshake, however often the session is resumed meanwhile; 1 second to 5 minutes.
    package let lifetime: Duration

    /// The longest a session may live on without its certificates being verified again.
    package static let lifetimeMax = Duration.seconds(300)

    /// - Precondition: both are within their bounds.
    package init(ticketsMax: Int, lifetime: Duration) {
        invariant(ticketsMax > 0, "ticketsMax out of range: \(ticketsMax)")
        invariant((.seconds(1)...Self.lifetimeMax).contains(lifetime), "lifetime out of range: \(lifetime)")
        self.ticketsMax = ticketsMax
        self.lifetime = lifetime
    }
}
