// SPDX-License-Identifier: Apache-2.0
internal import Base

/// `HTTP/1.1 SP 3DIGIT [ SP reason ]` (RFC 9112 §4).
///
/// A server may leave out the reason and its space, which the grammar wants: it changes nothing, and
/// partners' servers do it.
struct StatusLine {
    let status: Int
    let reason: ByteSlice

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
