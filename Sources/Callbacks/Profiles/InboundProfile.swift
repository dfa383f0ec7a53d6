// SPDX-License-Identifier: Apache-2.0
package import Base
internal import TLS

/// The dialect a callback comes to us in: what identifies it, what orders it, and how it is acknowledged.
package enum InboundProfile: Hashable, Sendable {
    /// Any body; `Idempotency-Key` identifies it, a JSON member orders it where there is one.
    case plain(orderMember: String)
    /// JSON; nothing in a status notification identifies it but its bytes.
    case terrapay
    /// JSON; `X-CorrelationID` names the exchange and not the message, so it identifies only with the bytes.
    case gsma
    /// JSON; `webhook-id` identifies it; signed when there are keys.
    case standardWebhooks(keys: [WebhookKey], orderMember: String)

    package static let plain = InboundProfile.plain(orderMember: "transactionId")

    /// What the relay needs to know of one callback.
    package struct Reading: Hashable, Sendable {
        package let orderKey: String
        /// Nothing when only the body identifies the message.
        package let dedupKey: String?

        package init(orderKey: String, dedupKey: String?) {
            self.orderKey = orderKey
            self.dedupKey = dedupKey
        }
    }

    /// Why a callback is not taken; each is the sender's to mend.
    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        case notJSON = "not_json"
        case keyMissing = "key_missing"
        case keyUnusable = "key_unusable"
        case notAuthentic = "signature_invalid"

        package var status: Int { self == .notAuthentic ? 401 : 400 }
    }

    /// Reads a callback a partner sent.
    ///
    /// - Parameter field: the value of a header field by name, in any case.
    /// - Throws: ``Refusal``; answer its status.
    package func read(
        body: [UInt8],
        now: WallInstant,
        field: (String) -> String?
    ) throws(Refusal) -> Reading {
        let hash = "sha256:" + Hex.encode(Digest.sha256(body))
        switch self {
        case .plain(let orderMember):
            let key = try Self.usable(field("Idempotency-Key"))
            return Reading(orderKey: orderKey(in: CallbackJSON(body), [orderMember]) ?? key ?? hash, dedupKey: key)
        case .terrapay:
            let json = try Self.object(body)
            return Reading(orderKey: orderKey(in: json, ["transactionId", "partnerTransId"]) ?? hash, dedupKey: nil)
        case .gsma:
            let json = try Self.object(body)
            let correlation = try Self.usable(field("X-CorrelationID"))
            let order = orderKey(in: json, Self.gsmaMembers) ?? correlation ?? hash
            // Two states of one transaction may share the correlation id, and two transactions the same error
            // object: only both together tell one message from another.
            return Reading(orderKey: order, dedupKey: correlation.map { "\($0) \(hash)" })
        case .standardWebhooks(let keys, let orderMember):
            guard let id = try Self.usable(field("webhook-id")) else { throw .keyMissing }
            if !keys.isEmpty {
                let isAuthentic = StandardWebhooks.isAuthentic(
                    id: id,
                    timestamp: field("webhook-timestamp") ?? "",
                    signature: field("webhook-signature") ?? "",
                    body: body,
                    keys: keys,
                    at: now
                )
                guard isAuthentic else { throw .notAuthentic }
            }
            let json = try Self.object(body)
            return Reading(orderKey: orderKey(in: json, [orderMember]) ?? id, dedupKey: id)
        }
    }

    /// Reads a callback a backend hands over for a partner of this dialect: `Idempotency-Key` is required, and
    /// the body is what the partner will get.
    ///
    /// - Throws: ``Refusal``; answer its status.
    package func readFromBackend(body: [UInt8], field: (String) -> String?) throws(Refusal) -> Reading {
        guard let key = try Self.usable(field("Idempotency-Key")) else { throw .keyMissing }
        let members: [String]
        switch self {
        case .plain(let orderMember):
            return Reading(orderKey: orderKey(in: CallbackJSON(body), [orderMember]) ?? key, dedupKey: key)
        case .terrapay: members = ["transactionId", "partnerTransId"]
        case .gsma: members = Self.gsmaMembers
        case .standardWebhooks(_, let orderMember): members = [orderMember]
        }
        return Reading(orderKey: orderKey(in: try Self.object(body), members) ?? key, dedupKey: key)
    }

    private static let gsmaMembers = ["serverCorrelationId", "transactionReference", "objectReference"]

    private static func object(_ body: [UInt8]) throws(Refusal) -> CallbackJSON {
        guard let json = CallbackJSON(body) else { throw .notJSON }
        return json
    }

    /// A key is 1 to 200 bytes of visible ASCII: it is stored, listed and logged.
    private static func usable(_ key: String?) throws(Refusal) -> String? {
        guard let key else { return nil }
        guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .keyUnusable
        }
        return key
    }

    /// The first member present; a long one is replaced by its hash, so that keys stay short.
    private func orderKey(in json: CallbackJSON?, _ names: [String]) -> String? {
        guard let json, let found = names.lazy.compactMap({ json.identifier($0) }).first else { return nil }
        return found.utf8.count <= 200 ? found : "sha256:" + Hex.encode(Digest.sha256(Array(found.utf8)))
    }
}
