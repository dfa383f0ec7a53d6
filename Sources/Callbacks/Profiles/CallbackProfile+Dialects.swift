// SPDX-License-Identifier: Apache-2.0
package import Partners

extension OutboundProfile {
    /// The dialect a partner file names.
    ///
    /// - Parameter keys: for `standard-webhooks`; the others sign nothing.
    package init(_ profile: CallbackProfile, keys: [WebhookKey] = []) {
        switch profile {
        case .plain: self = .plain
        case .terrapay: self = .terrapay
        case .gsma: self = .gsma(acceptsAny2xx: false)
        case .standardWebhooks: self = .standardWebhooks(keys: keys)
        }
    }
}

extension InboundProfile {
    /// The dialect a partner file names.
    ///
    /// - Parameter keys: for `standard-webhooks`; without any, a callback is taken unsigned.
    package init(_ profile: CallbackProfile, keys: [WebhookKey] = []) {
        switch profile {
        case .plain: self = .plain
        case .terrapay: self = .terrapay
        case .gsma: self = .gsma
        case .standardWebhooks: self = .standardWebhooks(keys: keys, orderMember: "transactionId")
        }
    }
}

extension RelaySettings {
    /// The settings `eigd.toml` asks for.
    package init(store: StoreRule, relay: RelayRule) {
        self.init(path: store.path, retry: RetryPolicy(schedule: relay.retry))
        bodyBytesMax = relay.bodyBytesMax
        backlogCountMax = store.backlogMax
        ballastBytes = Int64(store.reserveBytes)
        freeBytesMin = Int64(store.freeBytesMin)
    }
}
