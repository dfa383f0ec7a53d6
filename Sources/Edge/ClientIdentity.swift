// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners
internal import TLS

/// One client certificate seen by one worker, and what was worked out about it once.
///
/// Shared by every connection that shows the same certificate, so that an idle connection holds a
/// reference and not a copy.
final class ClientIdentity {
    let certificate: PeerCertificate
    /// `Client-Cert` and its value: the DER in base 64 between colons (RFC 9440 §2.2).
    let headLine: [UInt8]
    /// The fields that last proved right with this certificate, as they were sent: the slow hash is computed
    /// once and not per request.
    private var proven: [(field: KnownField, value: [UInt8])] = []
    /// Which hash they were proven against: a changed credential file makes them void.
    private var provenAgainst = ""
    /// By the lines of the address they are at; bounded.
    private var callers: [ObjectIdentifier: Caller] = [:]
    private static let callerCountMax = 64

    init(certificate: PeerCertificate) {
        self.certificate = certificate
        headLine = HeadWriter.line("Client-Cert", Array(":\(Base64.encode(certificate.der)):".utf8))
    }

    /// Who this client is as `record`, at the address that `lines` speak of.
    func caller(_ record: PartnerRecord, _ lines: PeerLines) -> Caller {
        // The caller holds the lines, so that nothing else can be at their place in memory.
        let place = ObjectIdentifier(lines)
        if let known = callers[place], known.record === record { return known }
        if callers.count >= Self.callerCountMax { callers.removeAll() }
        let caller = Caller(record, self, lines)
        callers[place] = caller
        return caller
    }

    /// Whether the request brings, to the byte, what was proven against `hash`; in constant time.
    func hasProven(_ hash: String, in head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Bool {
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
