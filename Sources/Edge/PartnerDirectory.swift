// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners
internal import TLS

/// Who a verified client certificate stands for.
///
/// Identity is (this partner's own CA, a name in the leaf, the pin where there is one) and resolves to
/// exactly one partner: a name issued by another partner's CA is nobody's.
final class PartnerDirectory: Sendable {
    /// One `[[certificate]]` of one partner.
    private struct Claim: Sendable {
        let record: PartnerRecord
        let rule: CertificateRule
    }

    private struct Key: Hashable, Sendable {
        let anchorSHA256: [UInt8]
        let name: String
    }

    private let claims: [Key: [Claim]]
    private let byID: [PartnerID: PartnerRecord]

    /// - Parameter anchors: for each CA file name, the SHA-256 of each certificate in it.
    init(_ records: [PartnerRecord], anchors: [String: [[UInt8]]]) {
        var claims: [Key: [Claim]] = [:]
        for record in records {
            for rule in record.partner.certificates {
                for anchor in anchors[rule.ca] ?? [] {
                    let key = Key(anchorSHA256: anchor, name: rule.san.lowercased())
                    claims[key, default: []].append(Claim(record: record, rule: rule))
                }
            }
        }
        self.claims = claims
        byID = Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
    }

    subscript(_ id: PartnerID) -> PartnerRecord? { byID[id] }

    var records: [PartnerRecord] { byID.values.sorted { $0.id < $1.id } }

    /// Decides everything that depends on the certificate, the source address and the time.
    ///
    /// Call it at the handshake, again after every reload, and for every resumed session.
    func decide(_ certificate: PeerCertificate, source: IPAddress, now: WallInstant) -> Decision {
        guard let anchor = certificate.anchorSHA256 else { return .denied(.identityUnknown, nil) }
        var found: [Claim] = []
        for name in Set(certificate.dnsNames.map { $0.lowercased() }) {
            found += claims[Key(anchorSHA256: anchor, name: name)] ?? []
        }
        guard let first = found.first else { return .denied(.identityUnknown, nil) }
        guard found.allSatisfy({ $0.record.id == first.record.id }) else { return .denied(.identityAmbiguous, nil) }
        let record = first.record
        // What one rule allows never helps a certificate that only another one fits.
        let fitting = found.filter { $0.rule.pin.map { $0.sha256 == certificate.spkiSHA256 } ?? true }
        guard !fitting.isEmpty else { return .denied(.certificatePin, record) }
        guard record.partner.isEnabled else { return .denied(.partnerDisabled, record) }
        guard certificate.isValid(at: now) else { return .denied(.certificateExpired, record) }
        guard certificate.weakness == nil else { return .denied(.certificateWeak, record) }
        guard !record.partner.revoked.contains(where: { $0.names(certificate) }) else {
            return .denied(.certificateRevoked, record)
        }
        guard certificate.hasClientAuth || fitting.contains(where: { $0.rule.keyUsage == .any }) else {
            return .denied(.certificatePurpose, record)
        }
        guard record.allows(source, at: now) else { return .denied(.addressNotAllowed, record) }
        return .admitted(record)
    }

    enum Decision: Sendable {
        case admitted(PartnerRecord)
        /// The record, where the certificate does name a partner.
        case denied(DenialReason, PartnerRecord?)
    }
}

extension RevokedCertificate {
    fileprivate func names(_ certificate: PeerCertificate) -> Bool {
        switch self {
        // Files have serial numbers without the leading zero of an odd count of digits.
        case .serial(let serial): certificate.serial.drop { $0 == "0" } == serial
        case .key(let pin): pin.sha256 == certificate.spkiSHA256
        }
    }
}
