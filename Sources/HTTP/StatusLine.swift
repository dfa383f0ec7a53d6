// SPDX-License-Identifier: Apache-2.0
internal import Base

/// `HTTP/1.1 SP 3DIGIT [ SP reason ]` (RFC 9112 §4).
///
/// A server may leave out the reason and its space, which the grammar wants: it changes nothing, and
/// partners' servers do it.
struct StatusLine {
    let status: Int
    let reason: ByteSlice

    /// The line `bytes` begin with, when it is all there and has a reason without tabs.
    ///
    /// Nil says nothing about the line; see ``FieldLine/plain(_:at:_:)``.
    @inline(__always)
    static func plain(_ bytes: Span<UInt8>) -> StatusLine? {
        guard bytes.count >= 16, bytes.word(at: 0) == "HTTP/1.1", bytes[8] == ASCII.space, bytes[12] == ASCII.space
        else { return nil }
        let (hundreds, tens, ones) = (bytes[9] &- 0x30, bytes[10] &- 0x30, bytes[11] &- 0x30)
        guard hundreds &- 1 < 5, tens < 10, ones < 10 else { return nil }
        let end = bytes.firstIndex(from: 13) { $0.isNotIn(ASCII.space, ASCII.delete - 1) }
        guard end <= bytes.count &- 2, bytes.pair(at: end) == "\r\n" else { return nil }
        return StatusLine(status: Int(hundreds) * 100 + Int(tens) * 10 + Int(ones), reason: ByteSlice(13, end))
    }

    private init(status: Int, reason: ByteSlice) {
        self.status = status
        self.reason = reason
    }

    /// - Precondition: `start..<end` is a line ``LineCursor`` found.
    init(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Refusal) {
        guard end - start >= 12 else { throw Refusal(.statusLineMalformed, at: start) }
        guard bytes.word(at: start) == "HTTP/1.1" else {
            let isOther =
                bytes.word(at: start) & ASCIIWord.mask(byteCount: 5) == "HTTP/" && ASCII.isDigit(bytes[start + 5])
                && bytes[start + 6] == UInt8(ascii: ".") && ASCII.isDigit(bytes[start + 7])
            throw Refusal(isOther ? .versionUnsupported : .statusLineMalformed, at: start)
        }
        guard bytes[start + 8] == ASCII.space else { throw Refusal(.statusLineMalformed, at: start + 8) }
        var status = 0
        for index in start + 9..<start + 12 {
            guard ASCII.isDigit(bytes[index]) else { throw Refusal(.statusLineMalformed, at: index) }
            status = status * 10 + Int(bytes[index] - 0x30)
        }
        guard end == start + 12 || bytes[start + 12] == ASCII.space else {
            throw Refusal(.statusLineMalformed, at: start + 12)
        }
        guard (100...599).contains(status) else { throw Refusal(.statusOutOfRange, at: start + 9) }
        self.status = status
        reason = ByteSlice(min(start + 13, end), end)
    }
}
