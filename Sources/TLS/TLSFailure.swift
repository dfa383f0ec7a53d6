// SPDX-License-Identifier: Apache-2.0

/// Why a session ended; the alert that tells the peer, if any, is among the replies.
package struct TLSFailure: Error, Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// Before the peer said anything inside: also a TLS 1.3 server that refuses our certificate late.
        case handshake
        case record
    }

    package let kind: Kind
    /// The library's words, oldest first; for the log only.
    package let reasons: [String]
    /// What the verification of the peer's chain said (X509_verify_cert_error_string(3)), where that was it.
    package let verifyError: String?
    /// The leaf the peer showed, verified or not; its `anchorSHA256` is set only when it was verified.
    package let peer: PeerCertificate?
}
