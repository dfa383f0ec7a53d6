// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("A byte buffer")
struct ByteBufferTests {
    private struct Refusal: Error {}

    @Test("holds what an array would, whatever is done to it", arguments: UInt64(1)...200)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var buffer = Bool.random(using: &random) ? ByteBuffer() : ByteBuffer(capacity: 7)
        var model: [UInt8] = []
        for step in 0..<300 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0...3:
                let bytes = Self.bytes(upTo: step % 50 == 0 ? 5000 : 40, using: &random)
                buffer.append(bytes.span)
                model += bytes
            case 4:
                let byte = UInt8.random(in: 0...255, using: &random)
                buffer.append(byte)
                model.append(byte)
            case 5: Self.write(&buffer, &model, using: &random)
            case 6...8:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            case 9:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.truncate(to: count)
                model.removeLast(model.count - count)
            case 10: buffer.reserve(Int.random(in: 0...600, using: &random))
            default:
                guard Int.random(in: 0..<10, using: &random) == 0 else { continue }
                if Bool.random(using: &random) { buffer.release() } else { buffer.removeAll() }
                model.removeAll()
            }
            guard buffer.array == model, buffer.count == model.count, buffer.isEmpty == model.isEmpty,
                buffer.capacity >= model.count
            else {
                Issue.record("differs from the model at step \(step)")
                return
            }
        }
    }

    private static func bytes(upTo count: Int, using random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Through the spare room, sometimes ending in an error: what was written counts all the same.
    private static func write(_ buffer: inout ByteBuffer, _ model: inout [UInt8], using random: inout SeededGenerator) {
        let bytes = bytes(upTo: 100, using: &random)
        let fails = Bool.random(using: &random)
        do throws(Refusal) {
            try buffer.withSpare(atLeast: bytes.count) { (output: inout OutputRawSpan) throws(Refusal) in
                for byte in bytes { output.append(byte) }
                if fails { throw Refusal() }
            }
        } catch {
            #expect(fails)
        }
        model += bytes
    }

    static let integers = [
        0, 1, 9, 10, 99, 100, 101, 12_345, 1 << 32, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int.max,
    ]

    @Test("writes numbers as the standard library does", arguments: integers)
    func numbers(_ value: Int) {
        var buffer = ByteBuffer()
        buffer.append(decimal: value)
        #expect(String(buffer.bytes) == String(value))
        buffer.removeAll()
        buffer.append(decimal: -value)
        #expect(String(buffer.bytes) == String(-value))
        buffer.removeAll()
        buffer.append(hexadecimal: value)
        #expect(String(buffer.bytes) == String(value, radix: 16))
    }

    @Test("writes numbers of every length as the standard library does", arguments: UInt64(1)...100)
    func drawnNumbers(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for bitCount in 0..<64 {
            let word = random.next() >> UInt64(bitCount)
            let value = Int(truncatingIfNeeded: word)
            var buffer = ByteBuffer()
            buffer.append(decimal: value)
            buffer.append(",")
            if value >= 0 { buffer.append(hexadecimal: value) }
            buffer.append(",")
            buffer.append(sixteenDigits: word)
            let digits = String(word, radix: 16)
            let padded = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(String(buffer.bytes) == "\(value),\(value >= 0 ? digits : ""),\(padded)")
        }
    }

    @Test("takes bytes out of a word, the lowest first", arguments: 0...8)
    func word(byteCount: Int) {
        var buffer = ByteBuffer()
        buffer.append(UInt8(7))
        buffer.append(word: 0x0807_0605_0403_0201, byteCount: byteCount)
        buffer.append(UInt8(9))
        #expect(buffer.array == [7] + (1...8).prefix(byteCount) + [9])
    }

    @Test("takes several texts in a row, empty ones too")
    func severalTexts() {
        var buffer = ByteBuffer()
        let bytes: [UInt8] = [0x42, 0x43]
        buffer.append("a", "", "bc")
        buffer.append("", bytes.span, "\r\n")
        buffer.append("x", bytes.span.extracting(0..<0), "")
        #expect(String(buffer.bytes) == "abcBC\r\nx")
    }

    @Test("writes the least number there is")
    func leastNumber() {
        var buffer = ByteBuffer()
        buffer.append(decimal: .min)
        #expect(String(buffer.bytes) == "-9223372036854775808")
    }

    @Test("writes literals, strings, ids and other bytes")
    func texts() {
        var buffer = ByteBuffer()
        buffer.append("literal ")
        let text = "str\u{e9}ng "
        buffer.append(text)
        buffer.append([UInt8(ascii: "x")])
        buffer.append([])
        buffer.append("")
        #expect(String(buffer.bytes) == "literal str\u{e9}ng x")
    }

    @Test("moves bytes to the front rather than growing, and gives its block back")
    func reuse() {
        var buffer = ByteBuffer(capacity: 256)
        for round in 0..<1000 {
            buffer.append([UInt8](repeating: UInt8(round & 255), count: 100))
            buffer.consume(round == 0 ? 50 : 100)
        }
        #expect(buffer.count == 50)
        #expect(buffer.capacity == 256)
        buffer.release()
        #expect(buffer.capacity == 0 && buffer.isEmpty)
        buffer.append(1)
        #expect(buffer.array == [1])
    }

    @Test("traps when more is consumed than there is, and says so")
    func trapsConsume() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var buffer = ByteBuffer()
            buffer.append([1, 2, 3])
            buffer.consume(4)
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("consuming more than there is"))
    }

    @Test("traps when it is cut to more than there is")
    func trapsTruncate() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var buffer = ByteBuffer()
            buffer.append(1)
            buffer.truncate(to: 2)
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("truncating to more"))
    }
}
