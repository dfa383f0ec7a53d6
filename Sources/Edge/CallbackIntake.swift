// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Partners

/// A callback being received: whose it is, in which dialect, and who must get it.
final class CallbackIntake {
    let kind: Submission.Kind
    /// The dialect it is read in and acknowledged in.
    let profile: InboundProfile
    let source: String
    let destinations: [Destination]
    /// What the profile may ask of the head, kept because the head is gone when the body is there.
    let contentType: String
    let fields: [(name: String, value: String)]
    let idempotencyKey: String?

    init(
        kind: Submission.Kind,
        profile: InboundProfile,
        source: String,
        destinations: [Destination],
        contentType: String,
        fields: [(name: String, value: String)],
        idempotencyKey: String?
    ) {
        self.kind = kind
        self.profile = profile
        self.source = source
        self.destinations = destinations
        self.contentType = contentType
        self.fields = fields
        self.idempotencyKey = idempotencyKey
    }

    func field(_ name: String) -> String? {
        let wanted = name.lowercased()
        if wanted == "idempotency-key" { return idempotencyKey }
        return fields.first { $0.name.lowercased() == wanted }?.value
    }
}
