// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Whether two secrets are equal, in a time that depends on their lengths only.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    // SAFETY: both have the same count; CRYPTO_memcmp reads exactly that.
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) }
    } == 0
}
