// SPDX-License-Identifier: Apache-2.0
package import Base
internal import COpenSSL

/// A private key of ours, and what is made with it: a request for a certificate, a certificate of its own.
///
/// For the tool that sets a host up; sessions take their key from a file.
@safe package struct ServerKey: ~Copyable {
    private let key: PrivateKey

    private init(_ key: consuming PrivateKey) { self.key = key }

    /// A fresh ECDSA key on P-256 (FIPS 186-5 §6, curve of SP 800-186 §3.2.1.3), which every TLS client takes.
    package static func make() throws(TLSSetupError) -> ServerKey {
        ERR_clear_error()
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { throw refused("a new key") }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var raw: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            unsafe EVP_PKEY_generate(context, &raw) == 1, let raw = unsafe raw
        else { throw refused("a new key") }
        return unsafe ServerKey(PrivateKey(adopting: raw))
    }

    /// - Throws: ``PEMError`` for what a key file may not be.
    package init(pem: [UInt8]) throws(PEMError) { self.init(try PEM.privateKey(pem)) }

    /// The key itself as PKCS #8 (RFC 5958), unencrypted: for a file nobody else may read, and nothing else.
    package func pem() throws(TLSSetupError) -> [UInt8] {
        guard let info = unsafe EVP_PKEY2PKCS8(key.raw) else { throw Self.refused("writing the key") }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        return unsafe PEM.text("PRIVATE KEY", DER.encoded { unsafe i2d_PKCS8_PRIV_KEY_INFO(info, $0) })
    }

    /// What a certificate is for (RFC 5280 §4.2.1.12).
    package enum Use: String, Hashable, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// A request for a certificate of these names (PKCS #10, RFC 2986), for one use only.
    ///
    /// - Precondition: `names` are DNS names, at least one; the first one is the common name where it is short enough.
    package func request(for names: [String], as use: Use = .server) throws(TLSSetupError) -> [UInt8] {
        guard let request = unsafe X509_REQ_new() else { throw Self.refused("a new request") }
        defer { unsafe X509_REQ_free(request) }
        let extensions = try ExtensionList.of(Self.purposes(of: names, as: use))
        guard unsafe X509_REQ_set_version(request, 0) == 1,
            unsafe Self.name(X509_REQ_get_subject_name(request), names[0]),
            unsafe X509_REQ_set_pubkey(request, key.raw) == 1,
            unsafe X509_REQ_add_extensions(request, extensions.raw) == 1,
            unsafe X509_REQ_sign(request, key.raw, EVP_sha256()) > 0
        else { throw Self.refused("a new request") }
        return unsafe PEM.text("CERTIFICATE REQUEST", DER.encoded { unsafe i2d_X509_REQ(request, $0) })
    }

    /// Whether a file is a request of this key for exactly these names and this use.
    package func made(request text: [UInt8], for names: [String], as use: Use = .server) -> Bool {
        defer { ERR_clear_error() }
        guard let blocks = try? PEMBlock.parse(text), blocks.count == 1, blocks[0].label == "CERTIFICATE REQUEST",
            let request = unsafe Self.readRequest(blocks[0].bytes)
        else { return false }
        defer { unsafe X509_REQ_free(request) }
        guard unsafe EVP_PKEY_eq(X509_REQ_get0_pubkey(request), key.raw) == 1,
            unsafe X509_REQ_verify(request, key.raw) == 1,
            let wanted = try? ExtensionList.of(Self.purposes(of: names, as: use))
        else { return false }
        let found = unsafe ExtensionList(adopting: X509_REQ_get_extensions(request))
        return [NID_subject_alt_name, NID_ext_key_usage].allSatisfy { kind in
            let value = wanted.value(kind)
            return value != nil && found.value(kind) == value
        }
    }

    /// A certificate that this key signed for itself: for trying things out, since no partner should trust it.
    ///
    /// - Precondition: as for ``request(for:)``; `days` is 1 to 398, the longest that browsers and partners take.
    package func selfSigned(
        for names: [String],
        from now: WallInstant,
        days: Int,
        serial: [UInt8]
    ) throws(TLSSetupError) -> [UInt8] {
        invariant((1...398).contains(days) && serial.count == 16, "a certificate nobody would take")
        guard let certificate = unsafe X509_new() else { throw Self.refused("a new certificate") }
        defer { unsafe X509_free(certificate) }
        let extensions = try ExtensionList.of(
            [(NID_basic_constraints, "critical,CA:FALSE")] + Self.purposes(of: names, as: .server)
        )
        // Positive and of at most 20 bytes (RFC 5280 §4.1.2.2).
        guard let number = unsafe BN_bin2bn([serial[0] & 0x7f | 0x40] + serial.dropFirst(), 16, nil) else {
            throw Self.refused("a serial number")
        }
        defer { unsafe BN_free(number) }
        let begin = now + .seconds(-3600)
        let end = now + .seconds(days * 86_400)
        guard unsafe X509_set_version(certificate, 2) == 1,
            unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(begin.seconds)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(end.seconds)) != nil,
            unsafe Self.name(X509_get_subject_name(certificate), names[0]),
            unsafe X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1,
            unsafe X509_set_pubkey(certificate, key.raw) == 1,
            unsafe extensions.add(to: certificate),
            unsafe X509_sign(certificate, key.raw, EVP_sha256()) > 0
        else { throw Self.refused("a new certificate") }
        return unsafe PEM.text("CERTIFICATE", DER.encoded { unsafe i2d_X509(certificate, $0) })
    }
}

extension ServerKey {
    private static func purposes(of names: [String], as use: Use) -> [(CInt, String)] {
        invariant(!names.isEmpty && names.allSatisfy(isName), "a name that is no DNS name")
        return [
            (NID_key_usage, "critical,digitalSignature"), (NID_ext_key_usage, use.rawValue),
            (NID_subject_alt_name, names.map { "DNS:\($0)" }.joined(separator: ",")),
        ]
    }

    /// The library's syntax for extensions has separators, so that no name may hold one.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// A common name has at most 64 characters (RFC 5280 appendix A.1); without one the alternative names stand alone.
    private static func name(_ subject: OpaquePointer?, _ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return true }
        // MBSTRING_UTF8, a macro Swift cannot read.
        return unsafe X509_NAME_add_entry_by_txt(subject, "CN", 0x1000, name, -1, -1, 0) == 1
    }

    private static func readRequest(_ der: [UInt8]) -> OpaquePointer? {
        // SAFETY: the function reads at most the given length.
        unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe d2i_X509_REQ(nil, &cursor, buffer.count)
        }
    }

    static func refused(_ what: String) -> TLSSetupError {
        .refused(what: what, reasons: ErrorQueue.drain())
    }
}
