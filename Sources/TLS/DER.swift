// SPDX-License-Identifier: Apache-2.0

/// What the library's encoders write (X.690 DER).
enum DER {
    /// Runs an i2d function twice: for the length, then for the bytes.
    static func encoded(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> CInt) -> [UInt8] {
        let byteCount = Int(encode(nil))
        guard byteCount > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            var cursor = buffer.baseAddress
            initializedCount = max(0, unsafe Int(encode(&cursor)))
        }
    }
}
