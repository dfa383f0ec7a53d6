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
}
