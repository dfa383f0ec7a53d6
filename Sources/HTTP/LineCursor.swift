// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Finds the lines of a head, one after another, looking at every byte once however slowly it arrives.
///
/// A line ends with CRLF and nothing else (RFC 9112 §2.2, without its leniency). Every octet no head may
/// contain is found here, so what comes after sees printable ASCII and tabs only.
struct LineCursor: Sendable {
    /// Where the current line starts.
    private(set) var start = 0
    /// Everything before it in the current line is known to be clean.
    private var scanned = 0
    private let lineBytesMax: Int
    private let headBytesMax: Int

    init(limits: HeadLimits) {
        lineBytesMax = limits.lineBytesMax
        headBytesMax = limits.headBytesMax
    }

    /// The end of the current line, its CRLF not included; nil while it is not all there.
    ///
    /// - Throws: a line or a head over its limit, an octet that cannot be, CR or LF alone.
    @inline(__always)
    mutating func lineEnd(in bytes: Span<UInt8>, isStartLine: Bool) throws(Refusal) -> Int? {
        let bound = min(start &+ lineBytesMax &+ 1, headBytesMax)
        let limit = min(bytes.count, bound)
        let found = bytes.firstNotText(from: scanned, to: limit)
        scanned = found
        guard found < limit else {
            if found == bound { throw tooLong(at: found, isStartLine: isStartLine) }
            return nil
        }
        guard bytes[found] == ASCII.carriageReturn else { throw Self.special(bytes[found], at: found) }
        guard found &+ 2 <= headBytesMax else { throw tooLong(at: headBytesMax, isStartLine: isStartLine) }
        guard found &+ 1 < bytes.count else { return nil }
        guard bytes[found &+ 1] == ASCII.lineFeed else { throw Refusal(.bareCarriageReturn, at: found) }
        return found
    }

    /// The part of `bytes` in which no line and no head can be too long; nil when the current line begins
    /// behind it, or some of it has been looked at.
    @inline(__always)
    @_lifetime(copy bytes)
    func window(of bytes: Span<UInt8>) -> Span<UInt8>? {
        let end = min(bytes.count, lineBytesMax, headBytesMax)
        return scanned == start && start >= 0 && start < end ? bytes.extracting(0..<end) : nil
    }

    /// True when the current line is the empty one at a head's end, all there.
    @inline(__always)
    func isAtEmptyLine(of bytes: Span<UInt8>) -> Bool {
        start >= 0 && start <= bytes.count &- 2 && start &+ 2 <= headBytesMax && bytes.pair(at: start) == "\r\n"
    }

    /// Goes to the line after the one that ends at `end`.
    @inline(__always)
    mutating func advance(past end: Int) { advance(to: end &+ 2) }

    /// Goes to the line that begins at `start`.
    @inline(__always)
    mutating func advance(to start: Int) {
        self.start = start
        scanned = start
    }

    mutating func reset() {
        start = 0
        scanned = 0
    }

    @inline(never)
    private func tooLong(at offset: Int, isStartLine: Bool) -> Refusal {
        if isStartLine { return Refusal(.startLineTooLong, at: offset) }
        return Refusal(offset == headBytesMax ? .headTooLarge : .fieldLineTooLong, at: offset)
    }

    @inline(never)
    private static func special(_ byte: UInt8, at offset: Int) -> Refusal {
        switch byte {
        case ASCII.lineFeed: Refusal(.bareLineFeed, at: offset)
        case 0x80...: Refusal(.nonASCIIOctet, at: offset)
        default: Refusal(.controlOctet, at: offset)
        }
    }
}
