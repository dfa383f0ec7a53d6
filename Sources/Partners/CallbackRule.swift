// SPDX-License-Identifier: Apache-2.0
package import Base

/// Where and how this partner is told about its transfers (`[callbacks]`).
package struct CallbackRule: Hashable, Sendable {
    /// `url`, required: https only.
    package var url: EndpointURL
    /// `to`, required, 1 to 100: what the host of `url` may resolve to; also the kernel's egress rule.
    package var to: [IPPrefix]
    /// `profile`, default `plain`.
    package var profile: CallbackProfile
    /// `identity`, required: our client certificate and key, `identities/<identity>.pem` and `.key`.
    package var identity: String
    /// `timeout`, 1s to 2m, default 15s: from connecting to the last byte of the answer.
    package var timeout: Duration
    /// `give-up-after`, 1m to 30d, default 72h: age at which a callback becomes a dead letter.
    package var giveUpAfter: Duration
    /// `ca`, default that of the first `[[certificate]]`: `ca/<ca>` must have issued the server's certificate.
    package var ca: String
    /// `secret`, required by profile `standard-webhooks` and refused by the others: `secrets/<secret>`.
    package var secret: String?
}

/// How callbacks from this partner are read and acknowledged (`[inbound]`).
package struct InboundRule: Hashable, Sendable {
    /// `profile`, default that of `[callbacks]`, else `plain`.
    package var profile: CallbackProfile
}

/// Where backends may call this partner through us (`[outward]`).
package struct OutwardRule: Hashable, Sendable {
    /// `url`, required: https only; the caller's path is appended to the path of it.
    package var url: EndpointURL
    /// `to`, required, 1 to 100: what the host of `url` may resolve to; also the kernel's egress rule.
    package var to: [IPPrefix]
    /// `identity`, required: our client certificate and key, `identities/<identity>.pem` and `.key`.
    package var identity: String
    /// `ca`, default that of the first `[[certificate]]`: `ca/<ca>` must have issued the server's certificate.
    package var ca: String
    /// `timeout`, 1s to 2m, default 30s: from connecting to the head of the answer.
    package var timeout: Duration
}
