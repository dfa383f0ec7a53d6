// SPDX-License-Identifier: Apache-2.0
package import Base
internal import TLS

/// The dialect an endpoint is told in: method, fields, signature, and what counts as having heard.
package enum OutboundProfile: Hashable, Sendable {
    /// POST; any 2xx acknowledges.
    case plain
    /// POST; a 2xx whose body is `{"acknowledged":"true"}`, a string, acknowledges (TerraPay status
    /// notification). Unsigned: the receiver goes by our address and certificate.
    case terrapay
    /// PUT with content hash and correlation id; 204 acknowledges (GSMA Mobile Money API 1.2).
    case gsma(acceptsAny2xx: Bool)
    /// POST, signed with every valid key; any 2xx acknowledges, 410 parks (Standard Webhooks 1.0.0).
    case standardWebhooks(keys: [WebhookKey])
    /// POST to a backend of ours; any 2xx acknowledges.
    case backend

    /// What a profile may say about one attempt.
    package struct Context: Sendable {
        package var messageID: UniqueID
        /// Grows along a key, with gaps: a receiver can tell a late old one.
        package var sequence: Int64
        package var attempt: Int
        package var kind: Submission.Kind
        package var source: String
        /// The partner it is about: the source of a receiver callback, the addressee of a sender one.
        package var partner: String?
        package var contentType: String
        /// SHA-256 of the body.
        package var bodyHash: [UInt8]
        /// Fields kept from the submission.
        package var fields: [(name: String, value: String)]
        package var isReplay: Bool
        package var now: WallInstant

        package init(
            messageID: UniqueID,
            sequence: Int64,
            attempt: Int,
            kind: Submission.Kind,
            source: String,
            partner: String?,
            contentType: String,
            bodyHash: [UInt8],
            fields: [(name: String, value: String)],
            isReplay: Bool,
            now: WallInstant
        ) {
            self.messageID = messageID
            self.sequence = sequence
            self.attempt = attempt
            self.kind = kind
            self.source = source
            self.partner = partner
            self.contentType = contentType
            self.bodyHash = bodyHash
            self.fields = fields
            self.isReplay = isReplay
            self.now = now
        }
    }

    package var method: String {
        switch self {
        case .gsma: "PUT"
        case .plain, .terrapay, .standardWebhooks, .backend: "POST"
        }
    }

    /// The fields of one attempt; identifier and sequence are the same in each attempt, the rest is fresh.
    package func fields(for context: Context, body: [UInt8]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = [
            ("Content-Type", context.contentType),
            ("webhook-id", context.messageID.description),
            ("webhook-sequence", String(context.sequence)),
        ]
        switch self {
        case .plain, .terrapay: break
        case .gsma:
            let kept = context.fields.first { $0.name.lowercased() == "x-correlationid" }
            fields.append(("X-CorrelationID", kept?.value ?? context.messageID.description))
            fields.append(("X-Date", context.now.rfc3339))
            fields.append(("X-Content-Hash", Hex.encode(context.bodyHash)))
        case .standardWebhooks(let keys):
            let id = context.messageID.description
            let timestamp = context.now.seconds
            let signature = StandardWebhooks.signature(
                id: id,
                timestamp: timestamp,
                body: body,
                keys: keys,
                at: context.now
            )
            fields.append(("webhook-timestamp", String(timestamp)))
            fields.append(("webhook-signature", signature))
        case .backend:
            fields.append(("X-EIG-Callback-Kind", context.kind.description))
            fields.append(("X-EIG-Source", context.source))
            if let partner = context.partner { fields.append(("X-EIG-Partner", partner)) }
            fields.append(("X-EIG-Attempt", String(context.attempt)))
            if context.isReplay { fields.append(("X-EIG-Replay", "true")) }
        }
        let ours = Set(fields.map { $0.name.lowercased() }).union(Self.framing)
        return fields
            + context.fields.filter { field in
                let name = field.name.lowercased()
                // A signature of somebody else's covers an identifier that is not sent any more.
                return !ours.contains(name) && !name.hasPrefix("webhook-")
            }
    }

    /// Fields a kept one can never replace: whoever writes the message sets them.
    private static let framing: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// What an answer means; only the profile's own acknowledgement ends a delivery.
    package func verdict(status: Int, retryAfter: String?, body: [UInt8], now: WallInstant) -> Verdict {
        let verdict = Verdict(status: status, retryAfter: retryAfter.flatMap { RetryAfter.parse($0, now: now) })
        guard verdict == .acknowledged else { return verdict }
        switch self {
        case .plain, .standardWebhooks, .backend: return .acknowledged
        case .terrapay:
            return CallbackJSON(body)?.string("acknowledged") == "true" ? .acknowledged : .unacknowledged
        case .gsma(let acceptsAny2xx): return acceptsAny2xx || status == 204 ? .acknowledged : .unacknowledged
        }
    }
}
