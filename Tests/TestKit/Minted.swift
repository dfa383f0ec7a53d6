// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Glibc

/// A certificate and its key, made for one test.
package struct Minted: Sendable {
    package let der: [UInt8]
    package let keyDER: [UInt8]
    /// The certificates above it, nearest first, without the anchor.
    package let intermediates: [[UInt8]]

    package init(der: [UInt8], keyDER: [UInt8], intermediates: [[UInt8]]) {
        self.der = der
        self.keyDER = keyDER
        self.intermediates = intermediates
    }

    package var certificatePEM: [UInt8] { Self.pem("CERTIFICATE", der) }
    package var chainPEM: [UInt8] { certificatePEM + intermediates.flatMap { Self.pem("CERTIFICATE", $0) } }
    package var keyPEM: [UInt8] { Self.pem("PRIVATE KEY", keyDER) }

    package static func pem(_ label: String, _ der: [UInt8]) -> [UInt8] {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Base64.encode(der)[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return Array((text + "-----END \(label)-----\n").utf8)
    }
}

/// What a certificate should say; everything a test does not care about has a sound default.
package struct Recipe: Sendable {
    package enum Key: Sendable, Hashable {
        case curve(String)
        case rsa(bits: Int)
        /// A key that only signs with RSASSA-PSS (RFC 4055).
        case rsaPSS(bits: Int)
        case ed25519
        case ed448
        /// Good for key exchange only; cannot sign a thing.
        case x25519
    }

    package var commonName = "somebody"
    /// In OpenSSL's configuration syntax, such as `DNS:a.example`.
    package var alternativeNames: String?
    /// The whole value of the extension (X.690 DER), for what that syntax cannot say.
    package var alternativeNamesDER: [UInt8]?
    package var purposes: String?
    package var basicConstraints: String?
    package var key = Key.curve("P-256")
    package var digest = "SHA256"
    package var serial = 1
    /// Seconds from now.
    package var notBefore = -3600
    package var notAfter = 86_400

    package init() {}

    package static func authority(_ name: String, pathLength: Int? = nil) -> Recipe {
        var recipe = Recipe()
        recipe.commonName = name
        recipe.basicConstraints = "critical,CA:TRUE" + (pathLength.map { ",pathlen:\($0)" } ?? "")
        return recipe
    }

    package static func leaf(_ name: String, purposes: String? = nil) -> Recipe {
        var recipe = Recipe()
        recipe.commonName = name
        recipe.alternativeNames = "DNS:\(name)"
        recipe.purposes = purposes
        return recipe
    }

    package func with(_ change: (inout Recipe) -> Void) -> Recipe {
        var copy = self
        change(&copy)
        return copy
    }
}

extension Minted {
    /// Makes a certificate signed by `issuer`, or by itself.
    ///
    /// What only a broken fixture can get wrong stops the tests.
    ///
    /// - Parameter holder: whose key it is; nothing makes one.
    package static func make(_ recipe: Recipe, by issuer: Minted? = nil, for holder: Minted? = nil) -> Minted {
        let key = unsafe holder.map { unsafe decoded(key: $0.keyDER) } ?? generate(recipe.key)
        let certificate = unsafe require(X509_new())
        defer {
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
        }
        unsafe require(X509_set_version(certificate, 2) == 1)
        unsafe require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), recipe.serial) == 1)
        _ = unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), recipe.notBefore)
        _ = unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), recipe.notAfter)
        unsafe name(X509_get_subject_name(certificate), recipe.commonName)
        unsafe require(X509_set_pubkey(certificate, key) == 1)
        unsafe extend(certificate, recipe)
        guard let issuer else {
            unsafe require(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1)
            unsafe sign(certificate, key, recipe.digest)
            return unsafe Minted(der: encoded(certificate), keyDER: encoded(key: key), intermediates: [])
        }
        let above = unsafe decoded(issuer.der)
        let issuerKey = unsafe decoded(key: issuer.keyDER)
        defer {
            unsafe X509_free(above)
            unsafe EVP_PKEY_free(issuerKey)
        }
        unsafe require(X509_set_issuer_name(certificate, X509_get_subject_name(above)) == 1)
        unsafe sign(certificate, issuerKey, recipe.digest)
        let isAnchor = unsafe X509_self_signed(above, 0) == 1
        return unsafe Minted(
            der: encoded(certificate),
            keyDER: encoded(key: key),
            intermediates: isAnchor ? [] : [issuer.der] + issuer.intermediates
        )
    }

    private static func generate(_ kind: Recipe.Key) -> OpaquePointer {
        let type =
            switch kind {
            case .curve: "EC"
            case .rsa: "RSA"
            case .rsaPSS: "RSA-PSS"
            case .ed25519: "ED25519"
            case .ed448: "ED448"
            case .x25519: "X25519"
            }
        let context = unsafe require(EVP_PKEY_CTX_new_from_name(nil, type, nil))
        defer { unsafe EVP_PKEY_CTX_free(context) }
        unsafe require(EVP_PKEY_keygen_init(context) == 1)
        switch kind {
        case .curve(let name): unsafe require(EVP_PKEY_CTX_set_group_name(context, name) == 1)
        case .rsa(let bits), .rsaPSS(let bits):
            unsafe require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, CInt(bits)) == 1)
        case .ed25519, .ed448, .x25519: break
        }
        var key: OpaquePointer?
        unsafe require(EVP_PKEY_generate(context, &key) == 1)
        return unsafe require(key)
    }

    private static func name(_ name: OpaquePointer?, _ commonName: String) {
        for (field, value) in [("O", "Tests"), ("CN", commonName)] {
            unsafe require(X509_NAME_add_entry_by_txt(name, field, utf8, value, -1, -1, 0) == 1)
        }
    }

    // MBSTRING_UTF8, a macro Swift cannot read.
    private static let utf8: CInt = 0x1000

    private static func extend(_ certificate: OpaquePointer, _ recipe: Recipe) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        let values = [
            (NID_basic_constraints, recipe.basicConstraints), (NID_subject_alt_name, recipe.alternativeNames),
            (NID_ext_key_usage, recipe.purposes),
        ]
        for case (let kind, let value?) in values {
            let made = unsafe require(X509V3_EXT_nconf_nid(nil, &context, kind, value))
            unsafe require(X509_add_ext(certificate, made, -1) == 1)
            unsafe X509_EXTENSION_free(made)
        }
        if let der = recipe.alternativeNamesDER {
            guard let value = unsafe ASN1_OCTET_STRING_new() else { fatalError("fixture") }
            unsafe require(ASN1_OCTET_STRING_set(value, der, CInt(der.count)) == 1)
            let made = unsafe require(X509_EXTENSION_create_by_NID(nil, NID_subject_alt_name, 0, value))
            unsafe require(X509_add_ext(certificate, made, -1) == 1)
            unsafe X509_EXTENSION_free(made)
            unsafe ASN1_OCTET_STRING_free(value)
        }
    }

    private static func sign(_ certificate: OpaquePointer, _ key: OpaquePointer, _ digest: String) {
        let isEdwards = unsafe EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1
        let method = unsafe isEdwards ? nil : EVP_get_digestbyname(digest)
        unsafe require(X509_sign(certificate, key, method) > 0)
    }

    private static func encoded(_ certificate: OpaquePointer) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509(certificate, &bytes)
        defer { unsafe CRYPTO_free(bytes, #file, 0) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    private static func encoded(key: OpaquePointer) -> [UInt8] {
        let info = unsafe require(EVP_PKEY2PKCS8(key))
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &bytes)
        defer { unsafe CRYPTO_free(bytes, #file, 0) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    package static func decoded(_ der: [UInt8]) -> OpaquePointer {
        unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe require(d2i_X509(nil, &cursor, buffer.count))
        }
    }

    package static func decoded(key der: [UInt8]) -> OpaquePointer {
        unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe require(d2i_AutoPrivateKey(nil, &cursor, buffer.count))
        }
    }

    package static func require(_ pointer: OpaquePointer?) -> OpaquePointer {
        guard let pointer = unsafe pointer else { fatalError("fixture: a null from OpenSSL") }
        return unsafe pointer
    }

    package static func require(_ isDone: Bool) {
        guard isDone else { fatalError("fixture: OpenSSL refused") }
    }
}

extension Recipe {
    /// Alternative names as they are encoded (RFC 5280 §4.2.1.6), whatever bytes the names have.
    package static func dnsNames(_ names: [String]) -> [UInt8] {
        let entries: [UInt8] = names.flatMap { name -> [UInt8] in [0x82, UInt8(name.utf8.count)] + Array(name.utf8) }
        return [0x30, UInt8(entries.count)] + entries
    }
}
