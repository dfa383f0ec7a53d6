// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import TestKit
import Testing

/// Draws messages this parser must take, and ways to cut and to spoil them.
struct MessageSource {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    mutating func text(_ alphabet: String, _ counts: ClosedRange<Int>) -> String {
        let letters = Array(alphabet)
        return String((0..<Int.random(in: counts, using: &random)).map { _ in pick(letters) })
    }

    mutating func fieldLine(_ index: Int) -> String {
        let name = text("abcXYZ019-", 1...40)
        let inner = text("abc XYZ\t!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", 0...60)
        return "n\(index)\(name):\(pick(["", " ", "\t", "  "]))\(inner)\(pick(["", " ", "\t "]))\r\n"
    }

    /// A valid head, how it must be framed, and how many fields it has.
    mutating func request() -> (text: String, framing: BodyFraming, fieldCount: Int) {
        let path = "/" + text("abc/XYZ-_~019:@!$&'()*+,;=", 0...40).replacing("//", with: "/")
        let target = path.hasPrefix("//") ? String(path.dropFirst()) : path
        let query = pick(["", "?", "?a=%2F%0a..//&b", "?" + text("ab/?=&.", 0...30)])
        var lines = (0..<Int.random(in: 0...12, using: &random)).map { fieldLine($0) }
        lines.append(pick(["Host: a\r\n", "host:a.example:8443 \r\n", "HOST: [::1]:80\r\n"]))
        var framing = BodyFraming.none
        switch Int.random(in: 0...2, using: &random) {
        case 0:
            let lengthBytes = UInt64.random(in: 0...1_000_000, using: &random)
            framing = .length(lengthBytes)
            lines.append("Content-Length: \(pick(["", "00"]))\(lengthBytes)\r\n")
        case 1:
            framing = .chunked
            lines.append("transfer-Encoding:\tChunked\r\n")
        default: break
        }
        if Bool.random(using: &random) {
            lines.append("Connection: \(pick(["close", "keep-alive", "n1", ",,", ""]))\r\n")
        }
        lines.shuffle(using: &random)
        let method = "\(pick(Method.allCases).name)"
        let start = pick(["", "\r\n"]) + "\(method) \(target)\(query) HTTP/1.1\r\n"
        return (start + lines.joined() + "\r\n", framing, lines.count)
    }

    mutating func cuts(_ byteCount: Int) -> [Int] {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in Int.random(in: 0...byteCount, using: &random) }.sorted()
    }
}

@Suite("Messages, drawn at random")
struct MessagePropertyTests {
    @Test("are taken, however they are cut", arguments: UInt64(1)...400)
    func cut(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let (text, framing, fieldCount) = source.request()
        let bytes = Array(text.utf8)
        let outcome = parseRequest(bytes, cuts: [])
        guard case .value(let head) = outcome else {
            Issue.record("\(outcome): \(text)")
            return
        }
        #expect(head.framing == framing && head.fields.count == fieldCount && head.byteCount == bytes.count)
        #expect(parseRequest(bytes, cuts: source.cuts(bytes.count)) == outcome)
        #expect(trickleRequest(bytes) == outcome)
    }

    @Test("say the same when written and parsed again", arguments: UInt64(1)...200)
    func rewritten(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let text = source.request().text
        guard case .value(let head) = parseRequest(text), let written = HeadWriterTests.forwarded(text),
            case .value(let again) = parseRequest(written)
        else {
            Issue.record("\(text)")
            return
        }
        #expect(again.method == head.method && again.target == head.target && again.framing == head.framing)
        let dropped: Set<KnownField> = [.connection, .contentLength, .transferEncoding]
        let kept = head.fields.filter { field in
            !dropped.contains(field.known)
                && !head.fields.contains { $0.known == .connection && $0.value == field.name }
        }
        #expect(again.fields.filter { !dropped.contains($0.known) } == kept)
        #expect(HeadWriterTests.forwarded(written) == written)
    }

    @Test("come to one outcome even when a byte is wrong", arguments: UInt64(1)...600)
    func spoiled(seed: UInt64) {
        var source = MessageSource(seed: seed)
        var bytes = Array(source.request().text.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &source.random) {
            let place = Int.random(in: bytes.indices, using: &source.random)
            switch Int.random(in: 0...2, using: &source.random) {
            case 0: bytes[place] = source.pick(Array("\r\n\0 \t:,;%/?#.HTP15".utf8))
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &source.random), at: place)
            }
        }
        let outcome = parseRequest(bytes, cuts: [])
        #expect(parseRequest(bytes, cuts: source.cuts(bytes.count)) == outcome)
        #expect(trickleRequest(bytes) == outcome)
    }

    @Test("have bodies that come out as they went in, however they are cut", arguments: UInt64(1)...300)
    func bodies(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let payload = (0..<Int.random(in: 0...2000, using: &source.random)).map { _ in
            UInt8.random(in: 0...255, using: &source.random)
        }
        let isChunked = Bool.random(using: &source.random)
        let framing = isChunked ? BodyFraming.chunked : .length(UInt64(payload.count))
        var encoder = BodyEncoder(framing: framing)
        var output = ByteBuffer()
        var start = 0
        for end in source.cuts(payload.count) + [payload.count] {
            let piece = Array(payload[start..<end])
            encoder.append(piece.span, into: &output)
            start = end
        }
        encoder.finish(into: &output)
        let body = output.array
        let rest = Array("GET / HTTP/1.1\r\n".utf8)
        let expected = Outcome.value(DecodedBody(payload: payload, byteCount: body.count))
        let cuts = source.cuts(body.count + rest.count)
        #expect(decodeBody(body + rest, framing) == expected)
        #expect(decodeBody(body + rest, framing, cuts: cuts) == expected)
        #expect(decodeBody(body, framing, limitBytes: UInt64(payload.count)) == expected)
        if !payload.isEmpty {
            let tooLarge = Outcome<DecodedBody>.refused(Refusal(.bodyTooLarge, at: 0))
            #expect(
                decodeBody(body, framing, limitBytes: UInt64(payload.count - 1), cuts: cuts.filter { $0 <= body.count })
                    == tooLarge
            )
        }
    }

    @Test("never move a body's end when a framing byte is wrong", arguments: UInt64(1)...400)
    func spoiledBodies(seed: UInt64) {
        var source = MessageSource(seed: seed)
        let chunks = (0..<Int.random(in: 0...4, using: &source.random)).map { _ in source.text("abc\r\n", 1...20) }
        var bytes = Array(chunks.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined().utf8)
        bytes += Array("0\r\nX-A: b\r\n\r\n".utf8)
        bytes[Int.random(in: bytes.indices, using: &source.random)] = source.pick(Array("\r\n0123;: ax".utf8))
        let outcome = decodeBody(bytes, .chunked)
        #expect(decodeBody(bytes, .chunked, cuts: source.cuts(bytes.count)) == outcome)
        #expect(decodeBody(bytes, .chunked, cuts: Array(0..<bytes.count)) == outcome)
    }
}

@Suite("A body that does not keep to its head")
struct BodyEncoderTests {
    @Test("stops the program, which alone can have made the mistake")
    func traps() async {
        await #expect(processExitsWith: .failure) {
            var encoder = BodyEncoder(framing: .length(1))
            var output = ByteBuffer()
            encoder.append([1, 2].span, into: &output)
        }
        await #expect(processExitsWith: .failure) {
            var encoder = BodyEncoder(framing: .length(1))
            var output = ByteBuffer()
            encoder.finish(into: &output)
        }
    }

    @Test("is not ended by a piece of nothing")
    func emptyPiece() {
        var encoder = BodyEncoder(framing: .chunked)
        var output = ByteBuffer()
        encoder.append([UInt8]().span, into: &output)
        #expect(output.array == [])
        encoder.finish(into: &output)
        #expect(String(output.bytes) == "0\r\n\r\n")
    }
}
