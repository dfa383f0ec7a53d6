// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A field name or token reduced to what recognition compares: its length and up to three words in lower case.
///
/// The words are the first eight bytes, the next eight, and, of names over sixteen bytes, the last eight:
/// together every byte of a name of up to 24. Only for names of `[A-Za-z0-9-]`, where setting bit 5 is
/// exactly lower-casing; the parser refuses all others.
struct FoldedName {
    let count: Int
    let first: UInt64
    let second: UInt64
    let last: UInt64

    private static let caseBits: UInt64 = 0x2020_2020_2020_2020

    /// - Parameter head: the name's first sixteen bytes, whatever follows it included.
    /// - Precondition: the bytes at `start..<end` are name bytes, at least one.
    @inline(__always)
    init(_ head: SIMD16<UInt8>, _ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        count = end &- start
        let words = (head | SIMD16(repeating: 0x20)).words
        first = words.low & ASCIIWord.mask(byteCount: count)
        second = count <= 8 ? 0 : words.high & ASCIIWord.mask(byteCount: count &- 8)
        last = count <= 16 ? 0 : bytes.word(at: end &- 8) | Self.caseBits
    }

    /// The token at `range`, one byte after another; nil when it is empty or has any but name bytes.
    ///
    /// - Parameter isLenient: `_` counts as `-`, as some backends read it.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>, isLenient: Bool = false) {
        guard !range.isEmpty else { return nil }
        var (first, second, last): (UInt64, UInt64, UInt64) = (0, 0, 0)
        for index in range {
            var byte = bytes[index]
            if isLenient, byte == UInt8(ascii: "_") { byte = UInt8(ascii: "-") }
            guard ASCII.isNameByte(byte) else { return nil }
            byte |= 0x20
            let place = index - range.lowerBound
            if place < 8 {
                first |= UInt64(byte) << UInt64(place * 8)
            } else if place < 16 {
                second |= UInt64(byte) << UInt64((place - 8) * 8)
            }
            last = last >> 8 | UInt64(byte) << 56
        }
        count = range.count
        self.first = first
        self.second = second
        self.last = count <= 16 ? 0 : last
    }

    /// The first sixteen bytes, spaces behind those there are.
    @inline(__always)
    var padded: SIMD16<UInt8> { SIMD16(words: (first, second)) | SIMD16(repeating: ASCII.space) }

    /// True for a token of up to eight bytes that is `word`.
    @inline(__always)
    func equals(_ word: ASCIIWord) -> Bool { count <= 8 && first == word.bits }

    /// True for a token of nine to sixteen bytes that is `word` and then `rest`.
    @inline(__always)
    func equals(_ word: ASCIIWord, _ rest: ASCIIWord) -> Bool {
        count <= 16 && first == word.bits && second == rest.bits
    }
}
