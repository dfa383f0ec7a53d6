// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The pre-shared key of a tunnel, from the text of its file.
///
/// The file holds one line. The key is that line without its line end, byte for byte: what both engineers type. A line
/// that begins with `0x` is the bytes its hex digits say instead. Nothing else is decoded, and nothing is trimmed.
package struct PreSharedKey: Hashable, Sendable {
    /// 20 to 512 of them, not evidently made by hand.
    package let bytes: [UInt8]

    /// Why a file is no pre-shared key.
    package enum Flaw: Error, Hashable, Sendable {
        /// It cannot be told which bytes are meant, or the two ends would not mean the same; why.
        case form(String)
        /// Whoever records one handshake can guess it (RFC 7296, 2.15); why.
        case weak(String)

        package var message: String {
            switch self {
            case .form(let why), .weak(let why): why
            }
        }

        package var hint: String {
            switch self {
            case .form: "store one line: `openssl rand -base64 32`, or 0x and hex digits"
            case .weak: "make one with `openssl rand -base64 32`, and give it to the partner on a safe way"
            }
        }
    }

    /// - Parameter file: all bytes of the file.
    package init(_ file: some Sequence<UInt8>) throws(Flaw) {
        var line = Array(file)
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw .form("it is empty") }
        guard !line.contains(UInt8(ascii: "\n")) else { throw .form("it has more than one line") }
        guard line.allSatisfy({ (0x20..<0x7f).contains($0) }) else {
            throw .form("it has characters that are not printable ASCII")
        }
        let blank = UInt8(ascii: " ")
        guard line.first != blank, line.last != blank else { throw .form("it begins or ends with a blank") }
        if let quote = line.first, "\"'`".utf8.contains(quote), line.last == quote {
            throw .form("it is in quotes, which would be part of the key")
        }
        let bytes = try Self.decoded(line)
        guard bytes.count <= 512 else { throw .form("it has \(bytes.count) bytes; at most 512 are supported") }
        if let why = Self.weakness(of: bytes) { throw .weak(why) }
        self.bytes = bytes
    }

    private static func decoded(_ line: [UInt8]) throws(Flaw) -> [UInt8] {
        guard line.count >= 2, line[0] == UInt8(ascii: "0") else { return line }
        switch line[1] {
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard let bytes = Hex.decode(String(decoding: line.dropFirst(2), as: UTF8.self)), !bytes.isEmpty else {
                throw .form("it begins with 0x, but an even number of hex digits does not follow")
            }
            return bytes
        case UInt8(ascii: "s"), UInt8(ascii: "t"):
            // Libreswan and strongSwan would read base64, or text, behind it.
            throw .form("it begins with 0s or 0t, which the partner's gateway may decode and we do not")
        default: return line
        }
    }

    /// Not a measure of randomness, which nothing can take of one value: it finds what people type.
    private static func weakness(of bytes: [UInt8]) -> String? {
        guard bytes.count >= 20 else { return "it has \(bytes.count) bytes; fewer than 20 can be guessed" }
        let distinct = Set(bytes).count
        guard distinct >= 10 else { return "it is made of \(distinct) different bytes only" }
        let steps = zip(bytes, bytes.dropFirst()).map { Int($0) - Int($1) }
        guard Set(steps).count >= 6 else { return "it is a sequence" }
        for period in 1...(bytes.count / 2)
        where (period..<bytes.count).allSatisfy({ bytes[$0] == bytes[$0 - period] }) {
            return "it repeats the same \(period) bytes"
        }
        return nil
    }
}
