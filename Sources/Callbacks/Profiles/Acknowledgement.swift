// SPDX-License-Identifier: Apache-2.0
package import Base

/// What we answer to a callback, in its sender's dialect.
package struct Acknowledgement: Hashable, Sendable {
    package let status: Int
    /// Nothing when there is no body.
    package let contentType: String?
    package let body: [UInt8]
    /// For the Retry-After field, rounded up to seconds there.
    package let retryAfter: Duration?
}

extension InboundProfile {
    /// The answer to a submission: an acknowledgement only for what is on the disk.
    package func acknowledgement(for outcome: SubmitOutcome, now: WallInstant) -> Acknowledgement {
        switch outcome {
        case .accepted(let id), .duplicate(let id): accepted(id)
        case .conflict:
            refused(409, "conflict", category: "businessRule", gsmaCode: "duplicateRequest", now: now)
        case .overloaded(let retryAfter):
            refused(
                503,
                "overloaded",
                category: "serviceUnavailable",
                gsmaCode: "genericError",
                retryAfter: retryAfter,
                now: now
            )
        case .failed:
            refused(503, "not_stored", category: "internal", gsmaCode: "genericError", now: now)
        }
    }

    /// The answer to a callback that was not taken.
    package func acknowledgement(for refusal: Refusal, now: WallInstant) -> Acknowledgement {
        refused(refusal.status, refusal.rawValue, category: "validation", gsmaCode: "formatError", now: now)
    }

    private func accepted(_ id: UniqueID) -> Acknowledgement {
        switch self {
        case .plain, .standardWebhooks:
            var json = JSONWriter(ByteBuffer())
            json.field("id", id)
            return Self.json(202, json.finish().array)
        case .terrapay: return Self.json(200, Array(#"{"acknowledged":"true"}"#.utf8))
        case .gsma: return Acknowledgement(status: 204, contentType: nil, body: [], retryAfter: nil)
        }
    }

    private func refused(
        _ status: Int,
        _ code: String,
        category: String,
        gsmaCode: String,
        retryAfter: Duration? = nil,
        now: WallInstant
    ) -> Acknowledgement {
        switch self {
        case .plain, .standardWebhooks:
            var json = JSONWriter(ByteBuffer())
            json.field("error", code)
            return Self.json(status, json.finish().array, retryAfter: retryAfter)
        case .terrapay: return Self.json(status, Array(#"{"acknowledged":"false"}"#.utf8), retryAfter: retryAfter)
        case .gsma:
            var json = JSONWriter(ByteBuffer())
            json.field("errorCategory", category)
            json.field("errorCode", gsmaCode)
            json.field("errorDescription", code)
            json.field("errorDateTime", now.rfc3339)
            return Self.json(status, json.finish().array, retryAfter: retryAfter)
        }
    }

    private static func json(_ status: Int, _ body: [UInt8], retryAfter: Duration? = nil) -> Acknowledgement {
        Acknowledgement(status: status, contentType: "application/json", body: body, retryAfter: retryAfter)
    }
}
