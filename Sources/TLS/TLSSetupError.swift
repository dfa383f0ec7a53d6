// SPDX-License-Identifier: Apache-2.0

/// Why a context could not be built from its settings.
package enum TLSSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    case certificate(PEMError)
    case key(PEMError)
    /// The certificate at this position (the leaf is 0) did not issue the one before it.
    case chainOutOfOrder(position: Int)
    /// One of the anchor files, by its position in the settings.
    case anchors(file: Int, PEMError)
    /// A file without a self-issued certificate: no chain could ever end in it.
    case noAnchor(file: Int)
    case noUsableGroup(wanted: [String])
    /// The library refused; its reasons, oldest first.
    case refused(what: String, reasons: [String])

    package var description: String {
        switch self {
        case .certificate(let error): "certificate: \(error)"
        case .key(let error): "private key: \(error)"
        case .chainOutOfOrder(let position):
            "certificate \(position + 1) of the chain did not issue certificate \(position); leaf first, then its issuers"
        case .anchors(let file, let error): "trusted certificates, file \(file + 1): \(error)"
        case .noAnchor(let file):
            "trusted certificates, file \(file + 1): no self-signed certificate, so no chain can end in it"
        case .noUsableGroup(let wanted): "none of the groups \(wanted.joined(separator: ", ")) is known here"
        case .refused(let what, let reasons): "\(what): \(reasons.joined(separator: "; "))"
        }
    }
}
