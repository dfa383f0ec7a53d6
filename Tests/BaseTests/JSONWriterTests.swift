// SPDX-License-Identifier: Apache-2.0
import Base
import Foundation
import TestKit
import Testing

@Suite("A JSON line")
struct JSONWriterTests {
    private static func line(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(ByteBuffer())
        write(&writer)
        return String(writer.finish().bytes)
    }

    @Test("is one flat object, its fields in the order they were written")
    func object() {
        let text = Self.line { line in
            line.field("event", "access" as StaticString)
            line.field("count", -42)
            line.field("ok", true)
            line.field("bad", false)
            line.field("id", UniqueID(high: 0, low: 1))
            line.field("text", "a b")
        }
        #expect(
            text == #"{"event":"access","count":-42,"ok":true,"bad":false,"#
                + #""id":"00000000-0000-0000-0000-000000000001","text":"a b"}"#
        )
        #expect(Self.line { _ in } == "{}")
    }

    struct Escape: Sendable, CustomTestStringConvertible {
        let text: String
        let want: String
        var testDescription: String { want }
    }

    static let escapes: [Escape] = [
        Escape(text: "", want: ""),
        Escape(text: "say \"no\"", want: #"say \"no\""#),
        Escape(text: #"C:\x"#, want: #"C:\\x"#),
        Escape(text: "a\nb", want: #"a\u000ab"#),
        Escape(text: "a\r\nb", want: #"a\u000d\u000ab"#),
        Escape(text: "\t", want: #"\u0009"#),
        Escape(text: "\u{0}\u{1f}\u{7f}", want: #"\u0000\u001f\u007f"#),
        Escape(text: "\u{1b}[31m", want: #"\u001b[31m"#),
        Escape(text: "\u{20ac}\u{1f600}", want: "\u{20ac}\u{1f600}"),
        Escape(text: "\\\u{301}", want: "\\\\\u{301}"),
    ]

    @Test("escapes what would end a string, a line or a terminal's good manners", arguments: escapes)
    func escaped(_ testCase: Escape) {
        #expect(Self.line { $0.field("v", testCase.text) } == "{\"v\":\"\(testCase.want)\"}")
    }

    @Test("shows bytes of a peer as ASCII, whatever they are")
    func ascii() throws {
        let bytes = (0...255).map { UInt8($0) }
        let text = Self.line { $0.field("v", ascii: bytes.span) }
        #expect(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
        let read = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
        )
        #expect(read["v"]?.unicodeScalars.map { UInt8($0.value) } == bytes)
    }

    @Test("reads back as what was written", arguments: UInt64(1)...100)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scalars = (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2ff, using: &random)) }
        let text = String(String.UnicodeScalarView(scalars))
        let number = Int(truncatingIfNeeded: random.next() >> 12)
        let line = Self.line { line in
            line.field("text", text)
            line.field("number", number)
        }
        #expect(!line.utf8.contains { $0 < 0x20 })
        let read = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((read["text"] as? String)?.unicodeScalars.elementsEqual(scalars) == true)
        #expect(read["number"] as? Int == number)
    }

    @Test("goes on after what the buffer held")
    func appends() {
        var buffer = ByteBuffer()
        buffer.append("before\n")
        var writer = JSONWriter(buffer)
        writer.field("a", 1)
        #expect(String(writer.finish().bytes) == "before\n{\"a\":1}")
    }

    @Test("escapes each byte at each place, and no other", arguments: UInt8.min...UInt8.max)
    func everyByte(byte: UInt8) {
        let escape = "\\u00" + Hex.encode([byte])
        for byteCount in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33] {
            for place in 0..<byteCount {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: byteCount)
                bytes[place] = byte
                let want =
                    switch byte {
                    case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
                    case 0x20..<0x7f: String(UnicodeScalar(byte))
                    default: escape
                    }
                let around =
                    String(repeating: "a", count: place) + want + String(repeating: "a", count: byteCount - place - 1)
                guard Self.line({ $0.field("v", ascii: bytes.span) }) == "{\"v\":\"\(around)\"}" else {
                    Issue.record("\(byte) at \(place) of \(byteCount)")
                    return
                }
            }
        }
    }
}
