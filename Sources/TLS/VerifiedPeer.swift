// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A client whose chain was verified: what is known of its certificate, and how long the chain can stand.
///
/// On a connection whose chain was known to be good the library keeps no verified chain: the anchor is the one
/// in here, found when the chain was verified.
final class VerifiedPeer: Sendable {
    /// Its anchor is set.
    let certificate: PeerCertificate
    let dates: ChainDates
    /// The certificate as the library reads it: 5 kB that every session of this peer shares.
    private let leaf: Certificate

    /// Nothing where the certificate, or a date of its chain, cannot be read.
    ///
    /// - Parameter store: of a verification that has just succeeded.
    init?(verified store: OpaquePointer) {
        guard let dates = unsafe ChainDates(verified: store),
            let leaf = unsafe eig_chain_at(store, 0),
            let anchor = unsafe eig_chain_at(store, eig_chain_count(store) - 1),
            var facts = unsafe Certificate(sharing: leaf).facts()
        else { return nil }
        facts.anchorSHA256 = unsafe Digest.sha256(Certificate(sharing: anchor).der)
        certificate = facts
        self.dates = dates
        self.leaf = unsafe Certificate(sharing: leaf)
    }

    /// Has the session hold the known certificate in place of the same bytes read anew, and no others: what is above
    /// the leaf was for the verification alone.
    func share(with store: OpaquePointer) { unsafe eig_share_presented(store, leaf.raw) }

    /// Leaves it for the session whose call verifies right now.
    func leaveForCaller() {
        guard let call = unsafe eig_call_in_progress() else { return }
        unsafe Self.taken(from: &call.pointee)
        unsafe call.pointee.verified = Unmanaged.passRetained(self).toOpaque()
    }

    /// What the verifier left for the session during this call.
    @discardableResult static func taken(from call: inout eig_wire) -> VerifiedPeer? {
        guard let left = unsafe call.verified else { return nil }
        unsafe call.verified = nil
        return unsafe Unmanaged<VerifiedPeer>.fromOpaque(left).takeRetainedValue()
    }
}
