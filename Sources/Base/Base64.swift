// SPDX-License-Identifier: Apache-2.0

/// Base 64 with padding, the standard alphabet (RFC 4648 §4).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for position in 0..<4 {
                let index = Int(word >> UInt32(18 - position * 6) & 63)
                characters.append(position <= count ? alphabet[index] : UInt8(ascii: "="))
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Nothing for a wrong length, a character outside the alphabet, misplaced padding or set bits
    /// under the padding: every value has exactly one encoding.
    package static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: characters.count, by: 4) {
            let isLast = start + 4 == characters.count
            let padding = isLast ? characters[start..<start + 4].reversed().prefix { $0 == UInt8(ascii: "=") }.count : 0
            guard padding <= 2 else { return nil }
            var word: UInt32 = 0
            for offset in 0..<4 {
                if offset >= 4 - padding {
                    word <<= 6
                } else {
                    guard let value = value(of: characters[start + offset]) else { return nil }
                    word = word << 6 | value
                }
            }
            guard word & (padding == 2 ? 0xffff : padding == 1 ? 0xff : 0) == 0 else { return nil }
            for position in 0..<(3 - padding) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - position * 8)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
