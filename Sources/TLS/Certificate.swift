// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Glibc

/// The owner of one reference to an OpenSSL `X509`.
// SAFETY: nothing here changes an X509; its count is atomic, and what the library works out about it later (extensions,
// the key) it keeps under a lock of its own.
@safe struct Certificate: ~Copyable, @unchecked Sendable {
    let raw: OpaquePointer

    /// - Precondition: the caller gives one reference away.
    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    /// Shares what the library keeps.
    init(sharing raw: OpaquePointer) {
        invariant(unsafe X509_up_ref(raw) == 1, "a certificate's count overflowed")
        unsafe self.raw = raw
    }

    deinit { unsafe X509_free(raw) }

    /// What reading a certificate's DER came to.
    enum Reading: ~Copyable {
        case certificate(Certificate)
        case trailingBytes
        case malformed
    }

    static func read(der: [UInt8]) -> Reading {
        ERR_clear_error()
        // SAFETY: d2i_X509 reads at most the given length and moves the cursor behind what it read.
        let (raw, unread) = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            // Its key, too, is read by the library context that this one belongs to.
            var fresh = unsafe X509_new_ex(TLSLibrary.context, nil)
            let raw = unsafe d2i_X509(&fresh, &cursor, buffer.count)
            if unsafe raw == nil { unsafe X509_free(fresh) }
            let read = unsafe cursor.flatMap { cursor in unsafe buffer.baseAddress.map { unsafe cursor - $0 } } ?? 0
            return unsafe (raw, buffer.count - read)
        }
        ERR_clear_error()
        guard let raw = unsafe raw else { return .malformed }
        let certificate = unsafe Certificate(adopting: raw)
        return unread == 0 ? .certificate(certificate) : .trailingBytes
    }

    var der: [UInt8] {
        let raw = unsafe self.raw
        return unsafe DER.encoded { unsafe i2d_X509(raw, $0) }
    }

    var subjectPublicKeyInfo: [UInt8] {
        let key = unsafe X509_get_X509_PUBKEY(raw)
        return unsafe DER.encoded { unsafe i2d_X509_PUBKEY(key, $0) }
    }

    var isSelfIssued: Bool { unsafe X509_NAME_cmp(X509_get_subject_name(raw), X509_get_issuer_name(raw)) == 0 }

    /// Whether `issuer` could have signed this one, by its name and key identifier (X509_check_issued(3)).
    func isIssued(by issuer: borrowing Certificate) -> Bool {
        unsafe X509_check_issued(issuer.raw, raw) == X509_V_OK
    }
}
