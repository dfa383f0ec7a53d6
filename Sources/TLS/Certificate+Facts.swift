// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Glibc

extension Certificate {
    /// Every fact of this certificate, or nothing where its dates cannot be read.
    func facts() -> PeerCertificate? {
        guard let notBefore = unsafe Self.instant(X509_get0_notBefore(raw)),
            let notAfter = unsafe Self.instant(X509_get0_notAfter(raw))
        else { return nil }
        let der = der
        let names = alternativeNames
        let key = key
        let flags = unsafe X509_get_extension_flags(raw)
        let isPurposeLimited = flags & UInt32(EXFLAG_XKUSAGE) != 0
        let purposes = unsafe isPurposeLimited ? X509_get_extended_key_usage(raw) : UInt32.max
        return PeerCertificate(
            der: der,
            sha256: Digest.sha256(der),
            spkiSHA256: Digest.sha256(subjectPublicKeyInfo),
            subject: unsafe Self.text(X509_get_subject_name(raw)),
            issuer: unsafe Self.text(X509_get_issuer_name(raw)),
            serial: serial,
            dnsNames: names.dns,
            emails: names.emails,
            uris: names.uris,
            notBefore: notBefore,
            notAfter: notAfter,
            isPurposeLimited: isPurposeLimited,
            hasClientAuth: purposes & UInt32(XKU_SSL_CLIENT) != 0,
            hasServerAuth: purposes & UInt32(XKU_SSL_SERVER) != 0,
            isAuthority: unsafe X509_check_ca(raw) == 1,
            isSelfIssued: isSelfIssued,
            keyDescription: key.description,
            weakness: key.weakness ?? signatureWeakness ?? names.weakness
        )
    }

    static func instant(_ time: UnsafePointer<ASN1_TIME>?) -> WallInstant? {
        var fields = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
        return unsafe WallInstant(
            year: Int(fields.tm_year) + 1900,
            month: Int(fields.tm_mon) + 1,
            day: Int(fields.tm_mday),
            secondOfDay: Int(fields.tm_hour) * 3600 + Int(fields.tm_min) * 60 + Int(fields.tm_sec)
        )
    }

    private static func text(_ name: OpaquePointer?) -> String {
        var byteCount = 0
        guard let bytes = unsafe eig_name_text(name, &byteCount) else { return "" }
        defer { unsafe free(bytes) }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: byteCount),
            as: UTF8.self
        )
    }

    private var serial: String {
        guard let number = unsafe X509_get0_serialNumber(raw) else { return "" }
        let digits = unsafe UnsafeBufferPointer(
            start: ASN1_STRING_get0_data(number),
            count: Int(ASN1_STRING_length(number))
        )
        let sign = unsafe ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER ? "-" : ""
        return unsafe sign + Hex.encode(digits)
    }

    private var key: (description: String, weakness: String?) {
        guard let key = unsafe X509_get0_pubkey(raw) else {
            guard let name = otherKeyName else { return ("unreadable", "its key cannot be read") }
            return (name, "keys of type \(name) are not taken")
        }
        let bitCount = unsafe Int(EVP_PKEY_get_bits(key))
        if unsafe EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1 {
            let weakness: String? =
                bitCount < 2048
                ? "RSA key of \(bitCount) bits, 2048 at least"
                : bitCount > 4096 ? "RSA key of \(bitCount) bits, 4096 at most" : nil
            return ("RSA \(bitCount)", weakness)
        }
        if unsafe EVP_PKEY_is_a(key, "EC") == 1 {
            let name = unsafe Self.curveName(key) ?? "\(bitCount)"
            return ("EC \(name)", bitCount < 256 ? "EC key of \(bitCount) bits, 256 at least" : nil)
        }
        if unsafe EVP_PKEY_is_a(key, "ED25519") == 1 { return ("Ed25519", nil) }
        if unsafe EVP_PKEY_is_a(key, "ED448") == 1 { return ("Ed448", nil) }
        let name = unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) } ?? "unknown"
        return ("\(name) \(bitCount)", "keys of type \(name) are not taken")
    }

    /// What a key is called that is of none of the kinds sessions work with.
    private var otherKeyName: String? {
        var algorithm: OpaquePointer?
        unsafe X509_PUBKEY_get0_param(&algorithm, nil, nil, nil, X509_get_X509_PUBKEY(raw))
        let kind = unsafe OBJ_obj2nid(algorithm)
        let known = [NID_rsaEncryption, NID_rsassaPss, NID_X9_62_id_ecPublicKey, NID_ED25519, NID_ED448, NID_undef]
        guard !known.contains(kind) else { return nil }
        return unsafe OBJ_nid2sn(kind).map { unsafe String(cString: $0) }
    }

    private static func curveName(_ key: OpaquePointer) -> String? {
        var byteCount = 0
        let name = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String? in
            guard unsafe EVP_PKEY_get_group_name(key, buffer.baseAddress, buffer.count, &byteCount) == 1,
                let start = buffer.baseAddress
            else { return nil }
            return unsafe String(cString: start)
        }
        switch name {
        case "prime256v1": return "P-256"
        case "secp384r1": return "P-384"
        case "secp521r1": return "P-521"
        default: return name
        }
    }

    /// The signature of a self-issued certificate proves nothing, so its digest does not matter.
    private var signatureWeakness: String? {
        var digest: CInt = 0
        guard !isSelfIssued, unsafe X509_get_signature_info(raw, &digest, nil, nil, nil) == 1 else { return nil }
        return switch digest {
        case NID_md5, NID_md4, NID_md2: "signed with MD5"
        case NID_sha1: "signed with SHA-1"
        default: nil
        }
    }
}

extension Certificate {
    private struct AlternativeNames {
        var dns: [String] = []
        var emails: [String] = []
        var uris: [String] = []
        var weakness: String?
    }

    private var alternativeNames: AlternativeNames {
        var names = AlternativeNames()
        var list = unsafe eig_names_open(raw)
        defer { unsafe eig_names_close(&list) }
        if unsafe list.is_malformed != 0 { names.weakness = "its alternative names cannot be read" }
        for index in 0..<(unsafe eig_names_count(&list)) {
            var type: CInt = 0
            var byteCount = 0
            guard let start = unsafe eig_names_at(&list, index, &type, &byteCount) else { continue }
            // SAFETY: the bytes belong to the list, which outlives this turn.
            let bytes = unsafe UnsafeBufferPointer(start: start, count: byteCount)
            if type == GEN_EMAIL {
                // A partner's authority may write here what it likes: nobody is known by it.
                if unsafe byteCount > 0 && bytes.allSatisfy(Self.isURIByte) {
                    unsafe names.emails.append(String(decoding: bytes, as: UTF8.self))
                }
                continue
            }
            let isName = type == GEN_DNS
            guard byteCount > 0, unsafe bytes.allSatisfy(isName ? Self.isHostNameByte : Self.isURIByte) else {
                names.weakness = isName ? "it holds a malformed DNS name" : "it holds a malformed URI"
                continue
            }
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            if isName { names.dns.append(text.lowercased()) } else { names.uris.append(text) }
        }
        return names
    }

    private static func isHostNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._*".utf8.contains(byte)
        }
    }

    private static func isURIByte(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
}
