// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@Suite("Sixteen bytes at once")
struct WideBytesTests {
    static let bytes = (0..<40).map { UInt8($0 + 1) }

    @Test("are the bytes from there on, zeros behind the end", arguments: 0...40)
    func padded(byteCount: Int) {
        let bytes = Array(Self.bytes[..<byteCount])
        for offset in 0...byteCount {
            let wide = bytes.span.widePadded(at: offset)
            for lane in 0..<16 {
                #expect(wide[lane] == (offset + lane < byteCount ? bytes[offset + lane] : 0), "\(offset) \(lane)")
            }
        }
    }

    @Test("are two words, and back")
    func words() {
        let wide = Self.bytes.span.wide(at: 3)
        #expect(wide.words.low == Self.bytes.span.word(at: 3))
        #expect(wide.words.high == Self.bytes.span.word(at: 11))
        #expect(wide.words.low == 0x0b0a_0908_0706_0504)
        #expect(SIMD16(words: wide.words) == wide)
    }

    @Test("are compared lane by lane", arguments: UInt8.min...UInt8.max)
    func comparisons(byte: UInt8) {
        let letters = Set(UInt8(ascii: "a")...UInt8(ascii: "z")).union(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        for lane in 0..<16 {
            for around: UInt8 in [0x00, 0x41, 0xff] {
                var wide = SIMD16<UInt8>(repeating: around)
                wide[lane] = byte
                for (first, last) in [(0x20, 0x7e), (0x30, 0x39), (0x00, 0x1f), (0x80, 0xff), (0x41, 0x41)]
                    as [(UInt8, UInt8)]
                {
                    #expect(wide.isIn(first, last)[lane] == (first...last).contains(byte))
                    #expect(wide.isNotIn(first, last)[lane] != (first...last).contains(byte))
                }
                #expect(wide.equals(0x2d)[lane] == (byte == 0x2d))
                #expect(wide.isLetter[lane] == letters.contains(byte))
                #expect(wide.isDigit[lane] == (0x30...0x39).contains(byte))
                let others = wide.equals(byte)
                #expect(others.isAnySet)
                #expect(others.firstSetLane == (byte == around ? 0 : lane))
            }
        }
    }

    @Test("have no first lane when none is set")
    func noLane() {
        let none = SIMD16<UInt8>(repeating: 0x7f).equals(0x80)
        #expect(!none.isAnySet && none.firstSetLane == 16)
        #expect(SIMD16<UInt8>(repeating: 0x80).equals(0x80).firstSetLane == 0)
    }

    @Test("are searched as a loop over the bytes would", arguments: UInt64(1)...200)
    func search(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...70, using: &random)).map { _ in
            Int.random(in: 0..<24, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : 0x61
        }
        for from in 0...bytes.count {
            for to in from...bytes.count {
                let want = (from..<to).first { !(0x20...0x7e).contains(bytes[$0]) } ?? to
                #expect(bytes.span.firstIndex(from: from, to: to) { $0.isNotIn(0x20, 0x7e) } == want)
            }
            let want = (from..<bytes.count).first { !(0x20...0x7e).contains(bytes[$0]) } ?? bytes.count
            #expect(bytes.span.firstIndex(from: from) { $0.isNotIn(0x20, 0x7e) } == want)
            let letters = (from..<bytes.count).first { bytes[$0] == 0x61 } ?? bytes.count
            #expect(bytes.span.firstIndex(from: from) { $0.equals(0x61) } == letters)
        }
    }

    @Test("outside their span stop the program")
    func outside() async {
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 16)
            _ = bytes.span.wide(at: 1)
        }
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 16)
            _ = bytes.span.word(at: 9)
        }
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 16)
            _ = bytes.span.firstIndex(from: 0, to: 17) { $0.equals(1) }
        }
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 16)
            _ = bytes.span.firstIndex(from: -1, to: 16) { $0.equals(1) }
        }
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 16)
            _ = bytes.span.firstIndex(from: 17) { $0.equals(1) }
        }
    }
}
