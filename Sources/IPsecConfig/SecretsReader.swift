// SPDX-License-Identifier: Apache-2.0
internal import Base
package import Partners

/// One record of ipsec.secrets(5): the key of a pair of identities.
package struct SecretRecord: Hashable, Sendable {
    package var local: IKEIdentity
    package var remote: IKEIdentity
    package var key: [UInt8]

    package init(local: IKEIdentity, remote: IKEIdentity, key: [UInt8]) {
        self.local = local
        self.remote = remote
        self.key = key
    }

    /// Without a line feed.
    var text: String { "\(local) \(remote) : PSK 0x\(Hex.encode(key))" }

    /// The two, in whatever order.
    var pair: Set<IKEIdentity> { [local, remote] }
}

/// Reads ipsec.secrets(5) text back: what Libreswan would make of it, as long as that is something we write.
///
/// Written to the rules of Libreswan's reader: a line that begins in column 0 begins a record, an indented one carries
/// it on, three kinds of quotes and no escapes, and what is beyond 2047 bytes of a line is a line of its own. Refused
/// is everything but comments, blank lines and whole records on one line, with two identities and a key in hex.
package enum SecretsReader {
    /// Libreswan's buffer for a line, line feed and end mark included, holds one byte less than this.
    static let lineBytesMax = 2047

    /// The records in the order of the text.
    package static func read(_ bytes: [UInt8]) throws(ReadFailure) -> [SecretRecord] {
        var records: [SecretRecord] = []
        var pairs: Set<Set<IKEIdentity>> = []
        for (line, words) in try lines(of: bytes) {
            guard words.count == 5, words[2] == ":", words[3] == "PSK" else {
                throw ReadFailure(line: line, .foreign("something else than LOCAL REMOTE : PSK KEY"))
            }
            guard let local = identity(words[0]), let remote = identity(words[1]) else {
                throw ReadFailure(line: line, .value(of: "identity"))
            }
            let record = SecretRecord(local: local, remote: remote, key: try key(words[4], line: line))
            guard pairs.insert(record.pair).inserted else {
                throw ReadFailure(line: line, .twice("a pair of identities"))
            }
            records.append(record)
        }
        return records
    }

    /// The key of ``ConfigurationEmitter/catchAllText(key:)``.
    package static func readCatchAll(_ bytes: [UInt8]) throws(ReadFailure) -> [UInt8] {
        let lines = try lines(of: bytes)
        guard let first = lines.first else { throw ReadFailure(line: 1, .missing(": PSK")) }
        guard lines.count == 1, first.words.count == 3, first.words[0] == ":", first.words[1] == "PSK" else {
            throw ReadFailure(line: lines.last?.line ?? 1, .foreign("something else than : PSK KEY"))
        }
        return try key(first.words[2], line: first.line)
    }

    /// The words of each line that says something.
    private static func lines(of bytes: [UInt8]) throws(ReadFailure) -> [(line: Int, words: [String])] {
        var lines: [(line: Int, words: [String])] = []
        for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            if let byte = text.first(where: { !(0x20...0x7e).contains($0) }) {
                throw ReadFailure(line: line, .byte(byte))
            }
            guard text.count < lineBytesMax else { throw ReadFailure(line: line, .tooLong(byteCount: text.count)) }
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            guard first != UInt8(ascii: " ") else {
                throw ReadFailure(line: line, .foreign("an indented line, which carries on the record above"))
            }
            // Quotes open a word anywhere, and `#` at the start of one ends the line.
            if text.contains(where: { "\"'`#".utf8.contains($0) }) {
                throw ReadFailure(line: line, .foreign("a quote or a comment in a record"))
            }
            let words = text.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            if words[0] == "include" { throw ReadFailure(line: line, .foreign("an include")) }
            lines.append((line, words))
        }
        return lines
    }

    private static func identity(_ text: String) -> IKEIdentity? {
        guard let identity = ConnectionReader.identity(text) else { return nil }
        if case .distinguishedName = identity { return nil }
        return identity
    }

    private static func key(_ text: String, line: Int) throws(ReadFailure) -> [UInt8] {
        guard text.hasPrefix("0x"), let key = Hex.decode(String(text.dropFirst(2))), (1...512).contains(key.count),
            Hex.encode(key) == text.dropFirst(2)
        else { throw ReadFailure(line: line, .value(of: "PSK")) }
        return key
    }
}
