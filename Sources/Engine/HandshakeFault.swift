// SPDX-License-Identifier: Apache-2.0
internal import TLS

/// Why a client's TLS handshake came to nothing, in the few kinds a person can act on; the log has the words.
package enum HandshakeFault: Int, CaseIterable, Hashable, Sendable {
    /// It did not end in time.
    case timeout
    /// The peer closed or reset the connection in the middle of it.
    case closed
    /// The peer showed no certificate.
    case certificateMissing
    /// The peer's chain ends in no authority of a partner's.
    case authorityUnknown
    /// Something in the peer's chain is not valid now.
    case certificateExpired
    /// Its chain does not stand for another reason.
    case certificateInvalid
    /// No version, cipher suite, group or signature algorithm in common.
    case parameters
    /// The peer refused us: our certificate, mostly.
    case alert
    /// What came is no TLS.
    case notTLS
    case other

    package static let count = allCases.count

    /// As a label has it.
    package var code: StaticString {
        switch self {
        case .timeout: "timeout"
        case .closed: "closed"
        case .certificateMissing: "certificate_missing"
        case .authorityUnknown: "authority_unknown"
        case .certificateExpired: "certificate_expired"
        case .certificateInvalid: "certificate_invalid"
        case .parameters: "parameters"
        case .alert: "alert"
        case .notTLS: "not_tls"
        case .other: "other"
        }
    }

    package init(_ failure: ChannelFailure) {
        switch failure {
        case .socket: self = .closed
        case .tls(let failure): self.init(reasons: failure.reasons, verifyError: failure.verifyError)
        }
    }

    /// - Parameters: the library's words (ERR_reason_error_string(3), X509_verify_cert_error_string(3)).
    init(reasons: [String], verifyError: String?) {
        if let verifyError {
            if ["expired", "not yet valid"].contains(where: verifyError.contains) {
                self = .certificateExpired
            } else if ["unable to get", "self-signed", "self signed", "untrusted"].contains(where: verifyError.contains)
            {
                self = .authorityUnknown
            } else {
                self = .certificateInvalid
            }
            return
        }
        let found = Self.words.first { word, _ in reasons.contains { $0.contains(word) } }
        self = found?.fault ?? .other
    }

    /// The first that occurs decides.
    private static let words: [(word: String, fault: HandshakeFault)] = [
        ("did not return a certificate", .certificateMissing),
        ("alert", .alert),
        ("http request", .notTLS),
        ("https proxy request", .notTLS),
        ("wrong version number", .notTLS),
        ("unexpected eof", .closed),
        ("unsupported protocol", .parameters),
        ("no shared", .parameters),
        ("no suitable", .parameters),
        ("no protocols available", .parameters),
        ("version too low", .parameters),
        ("inappropriate fallback", .parameters),
        ("wrong signature type", .parameters),
        ("bad signature", .certificateInvalid),
        ("certificate verify failed", .certificateInvalid),
        ("no certificate", .certificateMissing),
    ]
}
