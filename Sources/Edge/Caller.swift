// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// A partner's client at one address: what each of its requests says of it, written once.
///
/// Shared by its connections; a reload, which makes new records, makes new ones of these, too.
final class Caller {
    let record: PartnerRecord
    /// What the certificate's clients have proven besides it.
    let proof: CredentialProof
    /// What is said of its address.
    let lines: PeerLines
    /// The lines that tell a backend who it is: partner, certificate, address (RFC 9440, RFC 7239).
    let headLines: [UInt8]
    /// The log's fields that say who it is, and where.
    let logFields: [UInt8]

    init(_ record: PartnerRecord, _ identity: ClientIdentity, _ lines: PeerLines) {
        self.record = record
        proof = identity.proof
        self.lines = lines
        headLines = record.headLine + identity.headLine + lines.forwardedLine
        logFields = lines.logFields + record.logField
    }
}
