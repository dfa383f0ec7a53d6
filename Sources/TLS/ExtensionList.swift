// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of a list of `X509_EXTENSION`.
@safe struct ExtensionList: ~Copyable {
    let raw: OpaquePointer?

    init(adopting raw: OpaquePointer?) { unsafe self.raw = raw }

    /// - Parameter values: in the library's own syntax (x509v3_config(5)).
    static func of(_ values: [(CInt, String)]) throws(TLSSetupError) -> ExtensionList {
        guard let stack = unsafe OPENSSL_sk_new_null() else { throw ServerKey.refused("extensions") }
        let list = unsafe ExtensionList(adopting: stack)
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, nil, nil, nil, nil, 0)
        for (kind, value) in values {
            guard let made = unsafe X509V3_EXT_nconf_nid(nil, &context, kind, value) else {
                throw ServerKey.refused("extensions")
            }
            guard unsafe OPENSSL_sk_push(stack, UnsafeRawPointer(made)) > 0 else {
                unsafe X509_EXTENSION_free(made)
                throw ServerKey.refused("extensions")
            }
        }
        return list
    }

    deinit {
        for index in 0..<max(0, unsafe OPENSSL_sk_num(raw)) {
            unsafe X509_EXTENSION_free(OpaquePointer(OPENSSL_sk_value(raw, index)))
        }
        unsafe OPENSSL_sk_free(raw)
    }

    func add(to certificate: OpaquePointer) -> Bool {
        for index in 0..<max(0, unsafe OPENSSL_sk_num(raw)) {
            let value = unsafe OpaquePointer(OPENSSL_sk_value(raw, index))
            guard unsafe X509_add_ext(certificate, value, -1) == 1 else { return false }
        }
        return true
    }

    /// The encoded value of the extension of this kind.
    func value(_ kind: CInt) -> [UInt8]? {
        let position = unsafe X509v3_get_ext_by_NID(raw, kind, -1)
        guard position >= 0, let bytes = unsafe X509_EXTENSION_get_data(X509v3_get_ext(raw, position)) else {
            return nil
        }
        return unsafe Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(bytes), count: Int(ASN1_STRING_length(bytes)))
        )
    }
}
