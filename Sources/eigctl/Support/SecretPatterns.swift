// SPDX-License-Identifier: Apache-2.0

/// What is taken for a secret by its looks, whoever wrote it.
enum SecretPatterns {
    /// A value behind one of these words is one, in whatever notation.
    private static let words = [
        "password", "passwd", "passphrase", "secret", "psk", "authorization", "x-username", "api-key", "apikey",
        "api_key",
        "token", "cookie", "private-key", "private_key",
    ].map { Array($0.utf8) }

    static func take(_ text: [UInt8]) -> ([UInt8], Int) {
        var count = 0
        var lines: [ArraySlice<UInt8>] = []
        var isInKey = false
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if isInKey {
                isInKey = !contains(line, "-----END ")
                continue
            }
            if contains(line, "PRIVATE KEY-----") {
                // The frame and everything in it; a key on a single line ends on it.
                isInKey = !contains(line, "-----END ")
                lines.append(Scrubber.mark[...])
                count += 1
                continue
            }
            let (clean, found) = clean(Array(line))
            lines.append(clean[...])
            count += found
        }
        return (Array(lines.joined(separator: [UInt8(ascii: "\n")])), count)
    }

    private static func clean(_ line: [UInt8]) -> ([UInt8], Int) {
        var output: [UInt8] = []
        var count = 0
        var index = 0
        while index < line.count {
            if let end = hashEnd(line, index) {
                output += Scrubber.mark
                count += 1
                index = end
            } else if let (valueStart, valueEnd) = value(line, index) {
                output += line[index..<valueStart] + Scrubber.mark
                count += 1
                index = valueEnd
            } else {
                output.append(line[index])
                index += 1
            }
        }
        return (output, count)
    }

    /// `$6$salt$hash` and its relatives (crypt(5)).
    private static func hashEnd(_ line: [UInt8], _ start: Int) -> Int? {
        guard line[start] == UInt8(ascii: "$") else { return nil }
        var end = start + 1
        var dollars = 1
        while end < line.count, isHashByte(line[end]) {
            if line[end] == UInt8(ascii: "$") { dollars += 1 }
            end += 1
        }
        return dollars >= 3 && end - start >= 16 ? end : nil
    }

    private static func isHashByte(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "./$=,".utf8.contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Where the value behind a telling word at `start` lies.
    private static func value(_ line: [UInt8], _ start: Int) -> (Int, Int)? {
        guard start == 0 || !isLetterOrDigit(line[start - 1]),
            let word = words.first(where: { matches(line, start, $0) })
        else { return nil }
        var index = start + word.count
        // `"password": "x"`, `PSK "x"`, `psk = x`, `Authorization: Basic x`.
        var separators = 0
        while index < line.count, "\"' \t:=\\".utf8.contains(line[index]) {
            separators += 1
            index += 1
        }
        guard separators > 0, index < line.count else { return nil }
        let isHeader = word.elementsEqual("authorization".utf8) || word.elementsEqual("cookie".utf8)
        var end = index
        while end < line.count, isHeader ? !"\"\r".utf8.contains(line[end]) : !"\"',; \t\r}&".utf8.contains(line[end]) {
            end += 1
        }
        return end > index ? (index, end) : nil
    }

    private static func matches(_ line: [UInt8], _ start: Int, _ word: [UInt8]) -> Bool {
        guard start + word.count <= line.count else { return false }
        for offset in word.indices where lower(line[start + offset]) != word[offset] { return false }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }

    private static func contains(_ line: ArraySlice<UInt8>, _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard line.count >= wanted.count else { return false }
        for start in line.startIndex...(line.endIndex - wanted.count)
        where line[start] == wanted[0] && line[start..<start + wanted.count].elementsEqual(wanted) {
            return true
        }
        return false
    }
}
