// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import TestKit
import Testing

/// Lines as nearly all are written have a way of their own through the parser; so that none is taken there
/// that the general way would refuse, both are held against a reading of the grammar byte by byte.
@Suite("A line as nearly all are written")
struct PlainLineTests {
    /// Around the sixteen bytes that are looked at together.
    static let counts = [1, 2, 8, 14, 15, 16, 17, 18, 31, 32, 33]

    /// Refusals the reference does not know, because they are about what is said.
    static func isAboutMeaning(_ reason: RefusalReason) -> Bool {
        "\(reason)".hasPrefix("target") || "\(reason)".hasPrefix("host") || reason == .fieldRepeated
            || "\(reason)".hasPrefix("connection") || "\(reason)".hasPrefix("contentLength")
            || "\(reason)".hasPrefix("transfer") || reason == .expectationUnknown || reason == .upgradeRequested
    }

    /// Parses whole and in two pieces, and compares with the reference.
    static func check(_ bytes: [UInt8], cut: Int) -> String? {
        let outcome = parseRequest(bytes, cuts: [])
        guard parseRequest(bytes, cuts: [cut]) == outcome else { return "cut at \(cut), another outcome" }
        switch (outcome, ReferenceHead.read(bytes)) {
        case (.value(let head), .head(let want)):
            let lines = head.fields.map { ReferenceHead.Line(name: Array($0.name.utf8), value: Array($0.value.utf8)) }
            let isSame =
                lines == want.lines && Array(head.target.utf8) == want.target && head.byteCount == want.byteCount
                && "\(head.method.name)".utf8.elementsEqual(want.method)
            return isSame ? nil : "read otherwise: \(head)"
        case (.incomplete, .incomplete), (.refused, .refused): return nil
        case (.refused(let refusal), _) where isAboutMeaning(refusal.reason): return nil
        default: return "\(outcome)"
        }
    }

    static func head(_ line: [UInt8]) -> [UInt8] {
        Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + line + Array("\r\nLast-One: of these\r\n\r\n".utf8)
    }

    @Test("has a value of any text, of any length, with blanks inside only", arguments: UInt8.min...UInt8.max)
    func everyByteOfAValue(byte: UInt8) {
        for count in Self.counts {
            for place in 0..<count {
                var value = [UInt8](repeating: 0x61, count: count)
                value[place] = byte
                let problem = Self.check(Self.head(Array("A-Name: ".utf8) + value), cut: 40)
                if let problem { Issue.record("\(byte) at \(place) of \(count): \(problem)") }
            }
        }
    }

    @Test("has a name of letters, digits and dashes, of any length", arguments: UInt8.min...UInt8.max)
    func everyByteOfAName(byte: UInt8) {
        for count in Self.counts {
            for place in 0..<count {
                var name = [UInt8](repeating: 0x61, count: count)
                name[place] = byte
                let problem = Self.check(Self.head(name + Array(": some value".utf8)), cut: 30)
                if let problem { Issue.record("\(byte) at \(place) of \(count): \(problem)") }
            }
        }
    }

    @Test("has a known name when it is spelled so, in any case, and by nothing else", arguments: KnownFieldTests.named)
    func everyByteOfAKnownName(field: KnownField) {
        let name = Array("\(field.name)".utf8)
        var spellings = (UInt8.min...UInt8.max).map { name + [$0] }
        for place in name.indices {
            // What a comparison by the word could take for the letter: one bit beside it, or the end.
            for byte in (0..<8).map({ name[place] ^ 1 << $0 }) + [0, UInt8(ascii: " "), UInt8(ascii: ":")] {
                var (replaced, inserted) = (name, name)
                replaced[place] = byte
                inserted.insert(byte, at: place)
                spellings += [replaced, inserted]
            }
        }
        for spelling in spellings {
            let line = spelling + Array(": 1\r\nX-Other: 2\r\n\r\n".utf8)
            if let problem = Self.check(Array("GET / HTTP/1.1\r\n".utf8) + line, cut: 20) {
                Issue.record("\(spelling): \(problem)")
            }
            guard case .value(let head) = parseResponse(Array("HTTP/1.1 200 OK\r\n".utf8) + line) else { continue }
            let isField = String(decoding: spelling.prefix { $0 != 58 }, as: UTF8.self).lowercased() == "\(field.name)"
            #expect((head.fields[0].known == field) == isField, "\(spelling)")
        }
    }

    @Test("has a target of target characters, of any length", arguments: UInt8.min...UInt8.max)
    func everyByteOfATarget(byte: UInt8) {
        for count in Self.counts {
            for place in 0..<count {
                var target = [UInt8](repeating: 0x61, count: count)
                target[0] = UInt8(ascii: "/")
                target[place] = byte
                let head = Array("DELETE ".utf8) + target + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                if let problem = Self.check(head, cut: 12) {
                    Issue.record("\(byte) at \(place) of \(count): \(problem)")
                }
            }
        }
    }

    @Test("has one colon and one space between name and value, or is read the general way")
    func separators() {
        let separators = [":", ": ", ":  ", ":\t", " : ", " :", "", " ", "::", ": :", ":\r\n ", ": \t", "\t: "]
        for (name, separator) in separators.flatMap({ [("", $0), ("A-Name", $0)] }) {
            for count in 0...34 {
                for end in ["", " ", "\t", "  "] {
                    let line = name + separator + String(repeating: "v", count: count) + end
                    let problem = Self.check(Self.head(Array(line.utf8)), cut: 30)
                    if let problem { Issue.record("\(line.debugDescription): \(problem)") }
                }
            }
        }
    }

    @Test("is read as the grammar says, whatever stands in it", arguments: UInt64(1)...600)
    func drawn(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let names = [
            "Accept", "X-Date", "content-type", "X-UNKNOWN", "a", "Idempotency-Key", "A-Name-Of-17-Byte", "Via",
        ]
        var text = "POST /\(source.text("abc/-_019", 0...40).replacing("//", with: "/")) HTTP/1.1\r\n"
        text = text.replacing("//", with: "/")
        for _ in 0..<Int.random(in: 0...8, using: &source.random) {
            text +=
                source.pick(names) + ": " + source.text("abc XYZ\t!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", 0...50) + "\r\n"
        }
        text += "Host: a\r\n\r\n"
        var bytes = Array(text.utf8) + Array("body".utf8)
        for _ in 0..<source.pick([0, 1, 1, 2, 3]) {
            let place = Int.random(in: bytes.indices, using: &source.random)
            switch Int.random(in: 0...3, using: &source.random) {
            case 0: bytes[place] = source.pick(Array("\r\n\0 \t:,;%/?#.HTP15\u{7f}".utf8))
            case 1: bytes.remove(at: place)
            case 2: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &source.random)
            default: bytes.insert(UInt8.random(in: 0...255, using: &source.random), at: place)
            }
        }
        let cut = Int.random(in: 0...bytes.count, using: &source.random)
        #expect(trickleRequest(bytes) == parseRequest(bytes, cuts: []))
        if let problem = Self.check(bytes, cut: cut) {
            Issue.record("\(String(decoding: bytes, as: UTF8.self).debugDescription): \(problem)")
        }
    }

    @Test("is read the same in an answer, whatever stands in it", arguments: UInt64(1)...400)
    func drawnAnswer(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let status = source.pick([
            "200 OK", "404 Not Found", "502 Bad\tGateway", "200", "200 ", "99 Low", "600 High", "2000 K",
        ])
        var text = "HTTP/1.1 \(status)\r\n"
        for index in 0..<Int.random(in: 0...6, using: &source.random) { text += source.fieldLine(index) }
        var bytes = Array((text + "\r\n").utf8)
        if Bool.random(using: &source.random) {
            bytes[Int.random(in: bytes.indices, using: &source.random)] = UInt8.random(
                in: 0...255,
                using: &source.random
            )
        }
        let outcome = parseResponse(bytes)
        #expect(parseResponse(bytes, cuts: source.cuts(bytes.count)) == outcome)
        #expect(parseResponse(bytes, cuts: Array(0..<bytes.count)) == outcome)
    }
}
