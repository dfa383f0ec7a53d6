// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// When every certificate of a verified chain is valid, the anchor among them.
struct ChainDates: Hashable, Sendable {
    var notBefore: WallInstant
    var notAfter: WallInstant

    /// Nothing where there is no chain, or a date of it cannot be read.
    ///
    /// - Parameter store: of a verification that has just succeeded.
    init?(verified store: OpaquePointer) {
        let count = unsafe eig_chain_count(store)
        guard count > 0 else { return nil }
        notBefore = WallInstant(seconds: .min)
        notAfter = WallInstant(seconds: .max)
        for index in 0..<count {
            guard let certificate = unsafe eig_chain_at(store, index),
                let begins = unsafe Certificate.instant(X509_get0_notBefore(certificate)),
                let ends = unsafe Certificate.instant(X509_get0_notAfter(certificate))
            else { return nil }
            notBefore = max(notBefore, begins)
            notAfter = min(notAfter, ends)
        }
    }

    /// Whether all of them are valid at this second.
    ///
    /// The last second does not count, as it does not for the library (X509_cmp_time(3)).
    func contain(seconds: Int64) -> Bool { notBefore.seconds <= seconds && seconds < notAfter.seconds }
}
