// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners

/// The fields that last proved right with one client certificate, as they were sent: the slow hash is computed once
/// and not per request.
final class CredentialProof {
    private var proven: [(field: KnownField, value: [UInt8])] = []
    /// Which hash they were proven against: a changed credential file makes them void.
    private var provenAgainst = ""

    /// Whether the request brings, to the byte, what was proven against `hash`; in constant time.
    func holds(_ hash: String, in head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Bool {
        guard !proven.isEmpty, provenAgainst == hash else { return false }
        let proven = proven
        var isSame = true
        for index in proven.indices {
            guard let place = head.first(proven[index].field) else { return false }
            let value = proven[index].value
            isSame = bytes[place].equals(value.span) && isSame
        }
        return isSame
    }

    /// Remembers the request's credential fields as right.
    func prove(
        _ hash: String,
        by scheme: CredentialRule.Scheme,
        in head: borrowing RequestHead,
        _ bytes: Span<UInt8>
    ) {
        let fields: [KnownField] =
            switch scheme {
            case .none: []
            case .basic: [.authorization]
            case .terrapay: [.xUsername, .xPassword]
            }
        proven = fields.compactMap { field in
            head.first(field).map { (field, Array(bytes[$0])) }
        }
        provenAgainst = hash
    }
}
