// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// Edwards-curve signatures (RFC 8032 §5.1).
package enum Ed25519 {
    /// A private key, by its 32-byte seed.
    package struct PrivateKey: Sendable {
        private let seed: [UInt8]
        package let publicKey: PublicKey

        /// Nothing unless `seed` has 32 bytes.
        package init?(seed: [UInt8]) {
            guard seed.count == 32 else { return nil }
            let key = Key(privateSeed: seed)
            self.seed = seed
            publicKey = PublicKey(valid: key.publicBytes)
        }

        /// The 64-byte signature.
        package func sign(_ message: [UInt8]) -> [UInt8] { Key(privateSeed: seed).sign(message) }
    }

    /// A public key, by its 32-byte encoding.
    package struct PublicKey: Hashable, Sendable {
        package let bytes: [UInt8]

        /// Nothing unless `bytes` has 32 bytes.
        package init?(_ bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            self.bytes = bytes
        }

        fileprivate init(valid bytes: [UInt8]) { self.bytes = bytes }

        package func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
            Key(publicBytes: bytes).verify(signature, of: message)
        }
    }

    /// The owner of one `EVP_PKEY`.
    @safe fileprivate struct Key: ~Copyable {
        private let raw: OpaquePointer

        init(privateSeed seed: [UInt8]) {
            unsafe raw = Self.require(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
        }

        init(publicBytes bytes: [UInt8]) {
            unsafe raw = Self.require(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
        }

        deinit { unsafe EVP_PKEY_free(raw) }

        var publicBytes: [UInt8] {
            let raw = unsafe self.raw
            return unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, initializedCount in
                initializedCount = 32
                let status = unsafe EVP_PKEY_get_raw_public_key(raw, buffer.baseAddress, &initializedCount)
                invariant(status == 1 && initializedCount == 32, "an Ed25519 key without its public part")
            }
        }

        func sign(_ message: [UInt8]) -> [UInt8] {
            let raw = unsafe self.raw
            let context = unsafe Self.require(EVP_MD_CTX_new())
            defer { unsafe EVP_MD_CTX_free(context) }
            return unsafe [UInt8](unsafeUninitializedCapacity: 64) { buffer, initializedCount in
                initializedCount = 64
                let status =
                    unsafe EVP_DigestSignInit(context, nil, nil, nil, raw) == 1
                    && EVP_DigestSign(context, buffer.baseAddress, &initializedCount, message, message.count) == 1
                invariant(status && initializedCount == 64, "an Ed25519 key that cannot sign")
            }
        }

        func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
            let context = unsafe Self.require(EVP_MD_CTX_new())
            defer {
                unsafe EVP_MD_CTX_free(context)
                ERR_clear_error()
            }
            return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, raw) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }

        private static func require(_ pointer: OpaquePointer?) -> OpaquePointer {
            guard let pointer = unsafe pointer else { fatalError("out of memory, or the library has no Ed25519") }
            return unsafe pointer
        }
    }
}
