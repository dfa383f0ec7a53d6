// SPDX-License-Identifier: Apache-2.0

/// Which side of a transfer a partner is on; one partner may be both.
package enum PartnerRole: String, CaseIterable, Hashable, Sendable {
    /// Collects the money and asks us to pay it out.
    case send
    /// Credits the beneficiary and tells us the outcome.
    case receive
}

/// The dialect of callbacks with one partner: method, acknowledgement, signature (see `docs/` for each).
package enum CallbackProfile: String, CaseIterable, Hashable, Sendable {
    /// POST; any 2xx acknowledges.
    case plain
    /// POST; a 2xx whose body says `"acknowledged":"true"` acknowledges.
    case terrapay
    /// PUT; 204 acknowledges (GSMA Mobile Money API 1.2).
    case gsma
    /// POST, signed; any 2xx acknowledges, 410 stops (Standard Webhooks 1.0.0).
    case standardWebhooks = "standard-webhooks"
}
