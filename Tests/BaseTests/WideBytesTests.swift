// SPDX-License-Identifier: Apache-2.0
import Base
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

    @Test("are compared lane by lane", arguments: UInt8(0)..<0x80)
    func comparisons(byte: UInt8) {
        for lane in 0..<16 {
            var wide = SIMD16<UInt8>(repeating: 0x41)
            wide[lane] = byte
            #expect(wide.atLeast(0x41)[lane] >> 7 == (byte >= 0x41 ? 1 : 0))
            #expect(wide.isIn(0x30, 0x3a)[lane] >> 7 == ((0x30..<0x3a).contains(byte) ? 1 : 0))
            #expect(wide.equals(0x2d)[lane] >> 7 == (byte == 0x2d ? 1 : 0))
            #expect((wide.equals(byte) & ~wide.equals(0x41)).firstMarkedLane == (byte == 0x41 ? 16 : lane))
        }
    }

    @Test("have no first marked lane when none is marked")
    func noLane() {
        #expect(SIMD16<UInt8>(repeating: 0x7f).firstMarkedLane == 16)
        #expect(SIMD16<UInt8>(repeating: 0x80).firstMarkedLane == 0)
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
    }
}
