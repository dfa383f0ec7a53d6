// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// Cryptographic digests.
package enum Digest {
    package static func sha256(_ message: Span<UInt8>) -> [UInt8] {
        // SAFETY: SHA256 reads `count` bytes and writes exactly 32.
        unsafe message.withUnsafeBytes { message in
            unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, initializedCount in
                var byteCount = 0
                let status = unsafe EVP_Q_digest(
                    nil,
                    "SHA256",
                    nil,
                    message.baseAddress,
                    message.count,
                    digest.baseAddress,
                    &byteCount
                )
                invariant(status == 1 && byteCount == 32, "the library has no SHA-256")
                initializedCount = byteCount
            }
        }
    }

    package static func sha256(_ message: [UInt8]) -> [UInt8] { sha256(message.span) }

    /// SHA-256 of what comes in parts.
    @safe package struct Running: ~Copyable {
        private let context: OpaquePointer

        package init() {
            guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
            else {
                fatalError("the library has no SHA-256")
            }
            unsafe self.context = context
        }

        deinit { unsafe EVP_MD_CTX_free(context) }

        package mutating func add(_ part: Span<UInt8>) {
            // SAFETY: the function reads `count` bytes during the call.
            let status = unsafe part.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
            invariant(status == 1, "the library lost its SHA-256")
        }

        /// The digest of everything added; add nothing more.
        package consuming func finish() -> [UInt8] {
            // SAFETY: the function writes at most EVP_MAX_MD_SIZE bytes, 64.
            unsafe [UInt8](unsafeUninitializedCapacity: 64) { digest, initializedCount in
                var byteCount: UInt32 = 0
                let status = unsafe EVP_DigestFinal_ex(context, digest.baseAddress, &byteCount)
                invariant(status == 1 && byteCount == 32, "the library lost its SHA-256")
                initializedCount = Int(byteCount)
            }
        }
    }
}
