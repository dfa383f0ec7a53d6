// SPDX-License-Identifier: Apache-2.0

/// One line of eigd's log, as far as the demonstration reads it.
struct GatewayLine: Decodable, Hashable, Sendable {
    var event: String
    var reason: String?
    var request: String?
    var peer: String?
    var partner: String?
    var subject: String?
    var issuer: String?
    var detail: String?
    var item: String?
    var destination: String?
    var attempt: Int?
    var status: Int?
    var failure: String?

    /// A refusal in one line, for people.
    var refusalText: String {
        var parts = ["eigd refused: \(reason ?? "?")"]
        if let detail { parts.append(detail) }
        if let subject { parts.append("certificate \(subject) of \(issuer ?? "?")") }
        return parts.joined(separator: "; ")
    }
}
