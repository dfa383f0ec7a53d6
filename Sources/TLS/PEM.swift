// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Certificates and private keys in PEM files.
package enum PEM {
    /// The facts of every certificate in a file, in the file's order.
    ///
    /// - Throws: ``PEMError``, also for a file that holds anything else.
    package static func certificates(_ text: [UInt8]) throws(PEMError) -> [PeerCertificate] {
        var facts: [PeerCertificate] = []
        try forEachCertificate(text) { certificate, line throws(PEMError) in
            guard let read = certificate.facts() else { throw .unreadableCertificate(line: line) }
            facts.append(read)
        }
        return facts
    }

    /// Makes sure that a file holds exactly one usable private key, and that it belongs to the first certificate
    /// of the other file.
    package static func requireKey(_ keyText: [UInt8], matches certificateText: [UInt8]) throws(PEMError) {
        let key = try privateKey(keyText)
        var isFirst = true
        try forEachCertificate(certificateText) { certificate, _ throws(PEMError) in
            guard !isFirst || key.belongs(to: certificate) else { throw .keyOfAnotherCertificate }
            isFirst = false
        }
    }
}

extension PEM {
    /// One block (RFC 7468 §2): 64 characters a line.
    static func text(_ label: String, _ der: [UInt8]) -> [UInt8] {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Base64.encode(der)[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return Array((text + "-----END \(label)-----\n").utf8)
    }

    static func forEachCertificate(
        _ text: [UInt8],
        _ body: (borrowing Certificate, _ line: Int) throws(PEMError) -> Void
    ) throws(PEMError) {
        let blocks = try PEMBlock.parse(text)
        guard !blocks.isEmpty else { throw .noBlock(wanted: "CERTIFICATE") }
        for block in blocks {
            guard block.label == "CERTIFICATE", !block.hasHeaders else {
                throw .unexpectedBlock(label: block.label, line: block.line)
            }
            switch Certificate.read(der: block.bytes) {
            case .certificate(let certificate): try body(certificate, block.line)
            case .trailingBytes: throw .trailingBytes(line: block.line)
            case .malformed: throw .unreadableCertificate(line: block.line)
            }
        }
    }

    static func privateKey(_ text: [UInt8]) throws(PEMError) -> PrivateKey {
        // What `openssl ecparam -genkey` writes in front of the key says nothing the key does not.
        let blocks = try PEMBlock.parse(text).filter { $0.label != "EC PARAMETERS" }
        guard let block = blocks.first else { throw .noBlock(wanted: "PRIVATE KEY") }
        switch block.label {
        case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY": break
        case "ENCRYPTED PRIVATE KEY": throw .encryptedKey(line: block.line)
        default: throw .unexpectedBlock(label: block.label, line: block.line)
        }
        guard !block.hasHeaders else { throw .encryptedKey(line: block.line) }
        if blocks.count > 1 { throw .severalKeys(line: blocks[1].line) }
        switch PrivateKey.read(der: block.bytes) {
        case .key(let key): return key
        case .trailingBytes: throw .trailingBytes(line: block.line)
        case .malformed: throw .unreadableKey(line: block.line)
        }
    }
}
