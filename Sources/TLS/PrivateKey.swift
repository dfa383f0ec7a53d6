// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of one OpenSSL `EVP_PKEY` with a private part.
@safe struct PrivateKey: ~Copyable {
    let raw: OpaquePointer

    /// - Precondition: the caller gives its reference away.
    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe EVP_PKEY_free(raw) }

    /// What reading a private key's DER came to.
    enum Reading: ~Copyable {
        case key(PrivateKey)
        case trailingBytes
        case malformed
    }

    static func read(der: [UInt8]) -> Reading {
        // SAFETY: the function reads at most the given length and moves the cursor behind what it read.
        let (raw, unread) = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let raw = unsafe d2i_AutoPrivateKey(nil, &cursor, buffer.count)
            let read = unsafe cursor.flatMap { cursor in unsafe buffer.baseAddress.map { unsafe cursor - $0 } } ?? 0
            return unsafe (raw, buffer.count - read)
        }
        ERR_clear_error()
        guard let raw = unsafe raw else { return .malformed }
        let key = unsafe PrivateKey(adopting: raw)
        return unread == 0 ? .key(key) : .trailingBytes
    }

    /// The same key where sessions can sign with it; nothing where the library refuses that, for a reason in its queue.
    func inTLSLibrary() -> PrivateKey? {
        guard let moved = unsafe eig_library_key(raw) else { return nil }
        return unsafe PrivateKey(adopting: moved)
    }

    func belongs(to certificate: borrowing Certificate) -> Bool {
        defer { ERR_clear_error() }
        return unsafe X509_check_private_key(certificate.raw, raw) == 1
    }
}
