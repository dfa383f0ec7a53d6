// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("Base 16 and base 64")
struct EncodingTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let plain: String
        let base16: String
        let base64: String
        var testDescription: String { "\"\(plain)\"" }
    }

    /// RFC 4648 §10.
    static let vectors: [Vector] = [
        Vector(plain: "", base16: "", base64: ""),
        Vector(plain: "f", base16: "66", base64: "Zg=="),
        Vector(plain: "fo", base16: "666f", base64: "Zm8="),
        Vector(plain: "foo", base16: "666f6f", base64: "Zm9v"),
        Vector(plain: "foob", base16: "666f6f62", base64: "Zm9vYg=="),
        Vector(plain: "fooba", base16: "666f6f6261", base64: "Zm9vYmE="),
        Vector(plain: "foobar", base16: "666f6f626172", base64: "Zm9vYmFy"),
    ]

    @Test("are those of RFC 4648", arguments: vectors)
    func vector(_ vector: Vector) {
        let bytes = Array(vector.plain.utf8)
        #expect(Hex.encode(bytes) == vector.base16)
        #expect(Hex.decode(vector.base16) == bytes)
        #expect(Hex.decode(vector.base16.uppercased()) == bytes)
        #expect(Base64.encode(bytes) == vector.base64)
        #expect(Base64.decode(vector.base64) == bytes)
    }

    @Test("use the whole standard alphabet")
    func alphabet() {
        let bytes = (0..<48).map { UInt8($0 * 4 / 3) }
        #expect(Base64.decode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")?.count == bytes.count)
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.encode([0xfb, 0xff, 0xfe]) == "+//+")
        #expect(Hex.encode(all).hasSuffix("f9fafbfcfdfeff"))
        #expect(Hex.decode(Hex.encode(all)) == all)
    }

    @Test("read back what they write", arguments: UInt64(1)...100)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    static let unpaired = ["6", "666", "6g", " 66", "66 ", "0x66", "\u{e9}", "6\u{0}"]

    @Test("in base 16 are pairs of digits and nothing else", arguments: unpaired)
    func refusesHex(_ text: String) { #expect(Hex.decode(text) == nil) }

    static let malformed = [
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Z===", "=Zg=", "Z=g=", "Zg==Zg==", "Zm9v=", "Zm9v====", "Zm9-", "Zm9_",
        "Zm9v\n", " Zm9", "Zm8=Zm8=", "Zm9vé",
        // Bits under the padding: more than one spelling of one value.
        "Zh==", "Zg9=", "Zm9=", "Zm+=",
    ]

    @Test("in base 64 have one spelling a value", arguments: malformed)
    func refusesBase64(_ text: String) { #expect(Base64.decode(text) == nil) }
}
