// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TLS

/// One client certificate seen by one worker, and what was worked out about it once.
///
/// Shared by every connection that shows the same certificate, so that an idle connection holds a
/// reference and not a copy.
final class ClientIdentity {
    let certificate: PeerCertificate
    /// The value of `Client-Cert`: the DER in base 64 between colons (RFC 9440 §2.2).
    let clientCertField: [UInt8]
    /// The credential that last proved right with this certificate; compared in constant time, so that
    /// the slow hash is computed once and not per request.
    var provenCredential: [UInt8] = []
    /// Which hash it was proven against: a changed credential file makes it void.
    var provenAgainst = ""

    init(certificate: PeerCertificate) {
        self.certificate = certificate
        clientCertField = Array(":\(Base64.encode(certificate.der)):".utf8)
    }
}
