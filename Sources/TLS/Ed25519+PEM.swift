// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

extension Ed25519.PrivateKey {
    /// The one private key of a PEM file (PKCS #8, RFC 8410 §7): what `openssl genpkey -algorithm ed25519` writes.
    ///
    /// - Throws: ``PEMError``, also for a key of another kind.
    package init(pem: [UInt8]) throws(PEMError) {
        let key = try PEM.privateKey(pem)
        guard unsafe EVP_PKEY_is_a(key.raw, "ED25519") == 1 else { throw .keyOfAnotherKind(wanted: "Ed25519") }
        let seed = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, initializedCount in
            initializedCount = 32
            let status = unsafe EVP_PKEY_get_raw_private_key(key.raw, buffer.baseAddress, &initializedCount)
            invariant(status == 1 && initializedCount == 32, "an Ed25519 key without its seed")
        }
        guard let made = Ed25519.PrivateKey(seed: seed) else { throw .keyOfAnotherKind(wanted: "Ed25519") }
        self = made
    }
}

extension Ed25519.PublicKey {
    /// A SubjectPublicKeyInfo up to the key itself (RFC 8410 §4).
    private static let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// The public keys of a PEM file, in its order.
    ///
    /// - Throws: ``PEMError``, also for a file that holds anything else.
    package static func all(pem: [UInt8]) throws(PEMError) -> [Ed25519.PublicKey] {
        let blocks = try PEMBlock.parse(pem)
        guard !blocks.isEmpty else { throw .noBlock(wanted: "PUBLIC KEY") }
        var keys: [Ed25519.PublicKey] = []
        for block in blocks {
            guard block.label == "PUBLIC KEY", !block.hasHeaders else {
                throw .unexpectedBlock(label: block.label, line: block.line)
            }
            guard block.bytes.starts(with: prefix),
                let key = Ed25519.PublicKey(Array(block.bytes.dropFirst(prefix.count)))
            else { throw .keyOfAnotherKind(wanted: "Ed25519") }
            keys.append(key)
        }
        return keys
    }

    /// The key as `openssl pkey -pubout` writes it.
    package var pem: [UInt8] { PEM.text("PUBLIC KEY", Self.prefix + bytes) }
}
