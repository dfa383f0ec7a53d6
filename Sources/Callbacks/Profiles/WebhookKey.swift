// SPDX-License-Identifier: Apache-2.0
package import Base
internal import TLS

/// One shared secret of Standard Webhooks v1 (HMAC-SHA256).
package struct WebhookKey: Hashable, Sendable {
    let bytes: [UInt8]
    /// The last instant it signs and verifies at; nothing never ends. Keys overlap while they are rotated.
    package let notAfter: WallInstant?

    /// Reads `whsec_` and 24 to 64 bytes in base 64 (Standard Webhooks 1.0.0, "Signature scheme").
    package init?(_ text: some StringProtocol, notAfter: WallInstant? = nil) {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix), let bytes = Base64.decode(String(text.dropFirst(prefix.count))) else {
            return nil
        }
        guard (24...64).contains(bytes.count) else { return nil }
        self.bytes = bytes
        self.notAfter = notAfter
    }

    func isValid(at now: WallInstant) -> Bool { notAfter.map { now <= $0 } ?? true }
}

/// Signing and verifying by Standard Webhooks 1.0.0.
package enum StandardWebhooks {
    /// How far a timestamp may lie from now.
    package static let tolerance = Duration.seconds(300)

    /// The `webhook-signature` value: one `v1,` entry for each key that is valid now, in their order.
    ///
    /// What is signed is `id.timestamp.body` with the bytes exactly as sent.
    package static func signature(
        id: String,
        timestamp: Int64,
        body: [UInt8],
        keys: [WebhookKey],
        at now: WallInstant
    ) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        return keys.filter { $0.isValid(at: now) }.map { key in
            "v1,\(Base64.encode(HMAC.sha256(key: key.bytes, message: signed)))"
        }.joined(separator: " ")
    }

    /// Whether any entry of a received signature was made with any of the keys, near enough to now.
    package static func isAuthentic(
        id: String,
        timestamp: String,
        signature: String,
        body: [UInt8],
        keys: [WebhookKey],
        at now: WallInstant
    ) -> Bool {
        guard let seconds = Int64(timestamp), String(seconds) == timestamp else { return false }
        let (distance, overflowed) = now.seconds.subtractingReportingOverflow(seconds)
        guard !overflowed, distance.magnitude <= UInt64(tolerance.components.seconds) else { return false }
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let macs = keys.filter { $0.isValid(at: now) }.map { HMAC.sha256(key: $0.bytes, message: signed) }
        var isAuthentic = false
        for entry in signature.split(separator: " ").prefix(16) where entry.hasPrefix("v1,") {
            guard let received = Base64.decode(String(entry.dropFirst(3))) else { continue }
            for mac in macs where constantTimeEquals(mac, received) { isAuthentic = true }
        }
        return isAuthentic
    }
}
