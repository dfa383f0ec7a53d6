// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Synchronization

/// RPT: keeps a copy of every transfer and callback, and reports on them.
package final class ReportBackend: Role {
    /// One thing that was filed, as it came.
    struct Filed: Codable, Hashable, Sendable {
        /// `transfer`, `receiver-callback` or `sender-callback`.
        let kind: String
        let at: String
        /// `X-EIG-Partner`, when the edge brought it.
        var partner: String?
        /// The callback's stable identifier: equal for every delivery of the same one.
        var id: String?
        let body: String
    }

    struct Report: Codable, Hashable, Sendable {
        let transactionId: String
        let entries: [Filed]
    }

    /// What every body that is filed names.
    private struct Reference: Decodable {
        var transactionId: String?
        var transactionReference: String?
    }

    private static let countMax = 100_000
    private let filed = Mutex<[String: [Filed]]>([:])

    package init() {}

    package func answer(_ request: ReceivedRequest) -> Answer {
        switch (request.method, request.parts) {
        case ("POST", ["transfers"]): file(request, as: "transfer")
        case ("POST", ["callbacks"]):
            // Which way it travels: from a receive partner, or a copy of what a send partner is told.
            switch request.fields["X-EIG-Callback-Kind"] {
            case "receiver": file(request, as: "receiver-callback")
            case "sender": file(request, as: "sender-callback")
            default: Answer(status: 400)
            }
        case ("GET", let parts) where parts.count == 4 && parts.starts(with: ["eig", "reports", "transactions"]):
            report(String(parts[3]))
        default: Answer(status: 404)
        }
    }

    private func file(_ request: ReceivedRequest, as kind: String) -> Answer {
        guard let named = JSON.decode(Reference.self, request.body),
            let reference = named.transactionId ?? named.transactionReference
        else { return Answer(status: 400) }
        let entry = Filed(
            kind: kind,
            at: Clock.wall().rfc3339,
            partner: request.fields["X-EIG-Partner"],
            id: request.fields.callbackID,
            body: String(decoding: request.body, as: UTF8.self)
        )
        return filed.withLock { filed in
            guard filed.count < Self.countMax else { return Answer(status: 507) }
            // Delivered at least once: the identifier tells a repetition from a second callback.
            if entry.id != nil, filed[reference, default: []].contains(where: { $0.id == entry.id }) {
                return Answer(status: 200)
            }
            filed[reference, default: []].append(entry)
            return Answer(status: 200)
        }
    }

    private func report(_ reference: String) -> Answer {
        let entries = filed.withLock { $0[reference] }
        guard let entries else { return Answer(status: 404) }
        return .json(200, Report(transactionId: reference, entries: entries))
    }
}

extension [HeaderField] {
    /// The identifier the relay gives a callback, the same in every delivery of it.
    var callbackID: String? { self["webhook-id"] }
}
