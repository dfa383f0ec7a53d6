// SPDX-License-Identifier: Apache-2.0

/// How long a text is as a JSON string, and texts cut to fit.
enum JSONText {
    /// Without the quotes.
    static func byteCount(_ text: some StringProtocol) -> Int {
        text.utf8.reduce(0) { $0 + byteCount($1) }
    }

    private static func byteCount(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        case 0..<0x20, 0x7f: 6
        default: 1
        }
    }

    /// The text, or as much of it as fits with an ellipsis behind it.
    static func cut(_ text: String, bytesMax: Int) -> String {
        guard byteCount(text) > bytesMax else { return text }
        let ellipsis = "…"
        var room = bytesMax - byteCount(ellipsis)
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            room -= UTF8.encode(scalar)?.reduce(0) { $0 + byteCount($1) } ?? 0
            guard room >= 0 else { break }
            kept.append(scalar)
        }
        return String(kept) + ellipsis
    }
}
