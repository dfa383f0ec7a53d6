// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a PEM file; lines count from 1.
package enum PEMError: Error, Hashable, Sendable, CustomStringConvertible {
    case noBlock(wanted: String)
    case unfinishedBlock(label: String, line: Int)
    case notBase64(line: Int)
    case trailingText(line: Int)
    case unexpectedBlock(label: String, line: Int)
    case trailingBytes(line: Int)
    case unreadableCertificate(line: Int)
    case unreadableKey(line: Int)
    case encryptedKey(line: Int)
    case severalKeys(line: Int)
    case keyOfAnotherCertificate
    case keyOfAnotherKind(wanted: String)

    package var description: String {
        switch self {
        case .noBlock(let wanted): "no \(wanted) block in it"
        case .unfinishedBlock(let label, let line): "line \(line): the \(label) block has no end"
        case .notBase64(let line): "line \(line): not base 64"
        case .trailingText(let line): "line \(line): text after the last block"
        case .unexpectedBlock(let label, let line): "line \(line): a \(label) block does not belong here"
        case .trailingBytes(let line): "line \(line): bytes after the end of what the block holds"
        case .unreadableCertificate(let line): "line \(line): not a certificate"
        case .unreadableKey(let line): "line \(line): not a private key this program can read"
        case .encryptedKey(let line): "line \(line): the private key is encrypted; store it without a passphrase"
        case .severalKeys(let line): "line \(line): a second private key"
        case .keyOfAnotherCertificate: "the private key belongs to another certificate"
        case .keyOfAnotherKind(let wanted): "not a key for \(wanted)"
        }
    }
}
