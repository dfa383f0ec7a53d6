// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What both sides of every connection agree to, and nothing older.
package enum TLSPolicy {
    /// Key-exchange groups in order of preference; those the library does not know are left out and reported.
    package static let groups = ["X25519MLKEM768", "X25519", "P-256", "P-384"]

    /// TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 §4.2).
    static let cipherList = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    static let cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// 112 bits: RSA from 2048, no SHA-1 signature anywhere in a chain (SSL_CTX_set_security_level(3)).
    static let securityLevel: CInt = 2

    /// Intermediates between leaf and anchor.
    static let intermediatesMax: CInt = 3

    /// Of a peer's whole certificate message.
    static let chainBytesMax = 32_768
}
