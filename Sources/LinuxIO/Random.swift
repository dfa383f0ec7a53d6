// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux

/// The kernel's random numbers (getrandom(2)), fit for keys.
package enum Random {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            // SAFETY: writes at most the rest of the array.
            let result = unsafe bytes.withUnsafeMutableBytes {
                unsafe clinux_random($0.baseAddress! + filled, count - filled)
            }
            if result > 0 { filled += result }
        }
        return bytes
    }

    package static func uint64() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// Uniform in 0..<1.
    package static func unit() -> Double { Double(uint64() >> 11) / Double(UInt64(1) << 53) }
}
