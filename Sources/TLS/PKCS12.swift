// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate and its private key in one encrypted file (RFC 7292), as NSS takes them.
package enum PKCS12 {
    /// - Parameter certificatePEM: the first certificate is the key's; those behind it are left out.
    /// - Parameter password: of letters and digits; whoever reads the file needs it.
    /// - Throws: ``PEMError`` for what the two files are, also for a key of another certificate.
    /// - Returns: nothing when the library cannot make it.
    package static func bundle(
        certificatePEM: [UInt8],
        keyPEM: [UInt8],
        name: String,
        password: String
    ) throws(PEMError) -> [UInt8]? {
        try PEM.requireKey(keyPEM, matches: certificatePEM)
        let key = try PEM.privateKey(keyPEM)
        var bundle: [UInt8]?
        var isFirst = true
        try PEM.forEachCertificate(certificatePEM) { certificate, _ throws(PEMError) in
            guard isFirst else { return }
            isFirst = false
            guard
                let raw = unsafe PKCS12_create(password, name, key.raw, certificate.raw, nil, 0, 0, 0, 0, 0)
            else { return }
            defer { unsafe PKCS12_free(raw) }
            bundle = unsafe DER.encoded { unsafe i2d_PKCS12(raw, $0) }
        }
        ERR_clear_error()
        return bundle
    }
}
