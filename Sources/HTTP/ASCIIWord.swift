// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Up to eight ASCII bytes as one word, the first in the lowest bits: a literal the compiler folds.
struct ASCIIWord: ExpressibleByStringLiteral, Sendable {
    let bits: UInt64
    /// All ones for the bytes there are.
    let mask: UInt64

    /// - Precondition: at most eight bytes.
    @inline(__always)
    init(stringLiteral text: StaticString) {
        invariant(text.utf8CodeUnitCount <= 8, "a word holds eight bytes")
        var bits: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            bits |= UInt64(text.byte(at: index)) << UInt64(index &* 8)
        }
        self.bits = bits
        mask = ASCIIWord.mask(byteCount: text.utf8CodeUnitCount)
    }

    /// All ones for the first `byteCount` bytes of a word, eight at most.
    @inline(__always)
    static func mask(byteCount: Int) -> UInt64 {
        byteCount >= 8 ? .max : (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }

    @inline(__always)
    static func == (left: UInt64, right: ASCIIWord) -> Bool { left == right.bits }

    @inline(__always)
    static func == (left: UInt16, right: ASCIIWord) -> Bool { UInt64(left) == right.bits }
}
