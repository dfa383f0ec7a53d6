// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Comparing short runs of bytes, eight at a time.
extension Span<UInt8> {
    /// Equal byte by byte, in a time that depends on the lengths alone.
    func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard count >= 8 else {
            var difference: UInt8 = 0
            for index in indices { difference |= self[index] ^ other[index] }
            return difference == 0
        }
        // The last word may look at bytes again that were looked at before.
        var difference = word(at: count - 8) ^ other.word(at: count - 8)
        var offset = 0
        while offset < count - 8 {
            difference |= word(at: offset) ^ other.word(at: offset)
            offset += 8
        }
        return difference == 0
    }

    /// Equal but for the case of ASCII letters; `other` is in lower case.
    func equalsFolded(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        if equals(other) { return true }
        for index in indices {
            let byte = self[index]
            let folded = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if folded != other[index] { return false }
        }
        return true
    }
}
