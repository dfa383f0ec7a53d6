// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Takes secrets out of text that leaves this host.
///
/// Two ways, and both must fail before one gets through: every secret this host knows is looked for byte by byte, as it is
/// and in base 64 and hex; and whatever looks like a secret (private keys, password hashes, values behind telling words) is
/// taken out without knowing it.
struct Scrubber {
    static let mark = Array("[REDACTED]".utf8)
    /// Shorter ones would be found everywhere.
    static let secretBytesMin = 6
    private static let indexBytes = 6

    /// By their first bytes.
    private var needles: [UInt64: [[UInt8]]] = [:]
    private(set) var secretCount = 0

    /// Remembers a secret: whole, and each of its lines.
    mutating func learn(_ secret: [UInt8]) {
        var parts: Set<[UInt8]> = []
        for part in secret.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let line = Array(part)
            // The frame of a PEM file is no secret.
            guard !line.starts(with: Array("-----".utf8)) else { continue }
            parts.insert(line)
            // `USER:HASH`, `NAME = VALUE`, `PSK "VALUE"`: what stands behind is one, too; what stands before is a name.
            for separator in [UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "\"")] {
                guard let place = line.firstIndex(of: separator) else { continue }
                let value = line[(place + 1)...].drop { $0 == 0x20 }
                parts.insert(Array(separator == UInt8(ascii: "\"") ? value.prefix { $0 != separator } : value))
            }
        }
        parts.insert(secret)
        for part in parts where part.count >= Self.secretBytesMin {
            secretCount += 1
            for form in Self.forms(part) { add(form) }
        }
    }

    /// As it is, in hex, and in base 64 at each of the three offsets it can have in a longer text.
    private static func forms(_ secret: [UInt8]) -> [[UInt8]] {
        let hex = Hex.encode(secret)
        var forms = [secret, Array(hex.utf8), Array(hex.uppercased().utf8)]
        for offset in 0..<3 {
            let text = Base64.encode([UInt8](repeating: 0, count: offset) + secret)
            // What shares a character with its neighbours is not the secret's own.
            let first = offset == 0 ? 0 : offset + 1
            let whole = (offset + secret.count) / 3 * 4
            let own = Array(text.utf8.prefix(whole).dropFirst(first))
            forms.append(own)
            forms.append(
                own.map {
                    $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
                }
            )
        }
        return forms.filter { $0.count >= secretBytesMin }
    }

    private mutating func add(_ needle: [UInt8]) {
        let key = Self.key(needle, 0)
        if needles[key]?.contains(needle) != true { needles[key, default: []].append(needle) }
    }

    private static func key(_ bytes: [UInt8], _ index: Int) -> UInt64 {
        var key: UInt64 = 0
        for offset in 0..<indexBytes { key = key << 8 | UInt64(bytes[index + offset]) }
        return key
    }

    /// - Returns: the text without secrets, and how many places were taken out.
    func scrub(_ text: [UInt8]) -> (text: [UInt8], count: Int) {
        let (known, knownCount) = takeKnown(text)
        let (patterns, patternCount) = SecretPatterns.take(known)
        return (patterns, knownCount + patternCount)
    }

    private func takeKnown(_ text: [UInt8]) -> ([UInt8], Int) {
        guard text.count >= Self.indexBytes, !needles.isEmpty else { return (text, 0) }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var count = 0
        var index = 0
        while index < text.count {
            if index + Self.indexBytes <= text.count, let length = match(text, at: index) {
                output += Self.mark
                count += 1
                index += length
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return (output, count)
    }

    /// The longest secret that begins here.
    private func match(_ text: [UInt8], at index: Int) -> Int? {
        guard let candidates = needles[Self.key(text, index)] else { return nil }
        return candidates.filter { needle in
            index + needle.count <= text.count && text[index..<index + needle.count].elementsEqual(needle)
        }.map(\.count).max()
    }
}
