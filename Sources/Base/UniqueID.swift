// SPDX-License-Identifier: Apache-2.0

/// A 128-bit identifier that sorts by the time it was made: a UUID version 7 (RFC 9562 §5.7).
@usableFromInline package struct UniqueID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes an identifier from the time and 74 of the given random bits.
    package init(at instant: WallInstant, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(clamping: instant.milliseconds) & 0xffff_ffff_ffff
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
        low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    }

    /// Parses the 36-character lower- or upper-case form.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var words: [UInt64] = [0, 0]
        var digitCount = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Hex.value(of: byte) else { return nil }
            words[digitCount / 16] = words[digitCount / 16] << 4 | UInt64(digit)
            digitCount += 1
        }
        self.init(high: words[0], low: words[1])
    }

    @usableFromInline package var description: String {
        var text = ByteBuffer(capacity: 40)
        text.append(self)
        return String(text.bytes)
    }

    /// The 16 bytes, most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) } }
    }

    @usableFromInline package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
