// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL

/// Keyed-hash message authentication (RFC 2104).
package enum HMAC {
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        // A null key pointer would mean "the key of the last call"; an empty key is one zero byte to HMAC.
        let key = key.isEmpty ? [0] : key
        return unsafe [UInt8](unsafeUninitializedCapacity: 32) { code, initializedCount in
            var byteCount: UInt32 = 0
            // SAFETY: HMAC reads both buffers within their lengths and writes exactly 32 bytes.
            let result = unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBufferPointer { message in
                    unsafe COpenSSL.HMAC(
                        EVP_sha256(),
                        key.baseAddress,
                        CInt(key.count),
                        message.baseAddress,
                        message.count,
                        code.baseAddress,
                        &byteCount
                    )
                }
            }
            invariant(unsafe result != nil && byteCount == 32, "the library has no HMAC-SHA-256")
            initializedCount = Int(byteCount)
        }
    }
}
