// SPDX-License-Identifier: Apache-2.0
import TestKit

/// Values somebody might try, and mutations of good ones.
struct HostileValue {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Each of them has broken some program that wrote configuration for another.
    static let pieces = [
        "\n", "\r", "\r\n", "\t", "\u{0}", "\u{b}", "\u{c}", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "\"", "'", "`",
        "\"\"", "{", "}", "{}", "{a,b}", "%", "%any", "%disabled", "%fromcert", "%cert", "%forever", "#", " # ", ";",
        "&",
        "|", "$(id)", "`id`", "\\", "\\n", "\\\"", "\\,", ",", ",,", "+", "=", "==", "@", "@@", "@#", "@~", "@[", ":",
        " : ",
        " ", "  ", "/", "*", "?", "!", "<", ">", "4711", "0", "0x00", "0s", "0t", "..", "-", "é", "\u{301}", "\u{202e}",
        "\u{feff}", "\u{456}", "İ", "ａ", "𝟙", "\u{1f468}\u{200d}\u{1f469}", "\nconn x\n",
        "\n    leftupdown=\"/tmp/x\"\n",
        "\"\n    leftupdown=\"/tmp/x", " leftupdown=/tmp/x", "\ninclude /etc/passwd\n", "include", "\n: PSK 0x00\n",
        ": PSK 0x00", "conn", "config setup", "also=", "x-", "CN=", "C=IN, CN=a", "O=a,,b", "@a", "a@b", "10.0.0.1",
        "::1",
        "::ffff:10.0.0.1", "0.0.0.0", "10.0.0.0/8", "10.0.0.1/8", "/99", "/-1", "010", "1e3", "-1",
    ]

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    mutating func isTrue(oneIn count: Int) -> Bool { below(count) == 0 }

    mutating func piece() -> String { Self.pieces[below(Self.pieces.count)] }

    /// Long ones: on both sides of the limits of names, of lines and of buffers.
    private mutating func long() -> String {
        let counts = [41, 42, 64, 65, 253, 254, 255, 256, 500, 512, 1023, 1024, 2046, 2047, 2048, 4096]
        return String(repeating: isTrue(oneIn: 2) ? "a" : "aé", count: counts[below(counts.count)])
    }

    /// A good value with something in it, in its place, before it or after it; one in four stays good.
    mutating func mutation(of good: String) -> String {
        switch below(8) {
        case 0, 1: return good
        case 2: return piece()
        case 3: return piece() + good
        case 4: return good + piece()
        case 5: return long()
        case 6:
            var characters = Array(good.unicodeScalars.map(String.init))
            characters.insert(piece(), at: below(characters.count + 1))
            return characters.joined()
        default:
            var characters = Array(good.unicodeScalars.map(String.init))
            for _ in 0...below(3) { characters.insert(piece(), at: below(characters.count + 1)) }
            return characters.joined()
        }
    }

    /// As a TOML basic string (with every escape it needs), or as it is between quotes, which often ends too early.
    mutating func toml(_ value: String) -> String {
        if isTrue(oneIn: 6) { return "\"\(value)\"" }
        if isTrue(oneIn: 6) { return "'''\(value)'''" }
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                    + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
