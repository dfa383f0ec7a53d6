// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import TLS

/// One client certificate seen by one worker, and what was worked out about it once.
///
/// Shared by every connection that shows the same certificate, so that an idle connection holds a
/// reference and not a copy.
final class ClientIdentity {
    let certificate: PeerCertificate
    /// `Client-Cert` and its value: the DER in base 64 between colons (RFC 9440 §2.2).
    let headLine: [UInt8]
    let proof = CredentialProof()
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
}
