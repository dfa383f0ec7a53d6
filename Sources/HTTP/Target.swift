// SPDX-License-Identifier: Apache-2.0
internal import Base

/// A request target in origin form, `absolute-path [ "?" query ]` (RFC 9112 §3.2.1), with one reading only.
///
/// What two servers could read differently is refused: dot segments and slashes in any encoding, NUL and
/// control octets encoded in the path. Nothing is decoded or normalised; what is passed on is what came.
struct Target {
    /// Without the query.
    let path: ByteSlice
    /// Without its question mark; nil when there is none.
    let query: ByteSlice?

    /// - Parameter range: all between the method and the version; only printable ASCII and tabs.
    /// - Throws: ``RefusalReason/requestLineWhitespace`` when there is a blank in it.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Refusal) {
        guard start < end, bytes[start] == UInt8(ascii: "/") else { throw Self.otherForm(bytes, start, end) }
        var queryMark = end
        var index = start &+ 1
        while true {
            index = Self.plainEnd(bytes, from: index, to: end)
            guard index < end else { break }
            switch bytes[index] {
            case UInt8(ascii: "?"):
                if queryMark == end { queryMark = index }
            case UInt8(ascii: "."):
                if queryMark == end, Self.isDotSegment(bytes, at: index, to: end) {
                    throw Refusal(.targetDotSegment, at: index)
                }
            case UInt8(ascii: "%"):
                try Self.checkEncoding(bytes, at: index, to: end, isInPath: queryMark == end)
                index &+= 2
            case let byte:
                guard Self.isAllowed(byte) else { throw Self.refusal(byte, at: index) }
            }
            index &+= 1
        }
        if start &+ 1 < end, bytes[start &+ 1] == UInt8(ascii: "/") {
            throw Refusal(.targetDoubleSlashFirst, at: start)
        }
        path = ByteSlice(start, queryMark)
        query = queryMark < end ? ByteSlice(queryMark &+ 1, end) : nil
    }

    /// The first byte in `from..<to` that is not one of `[A-Za-z0-9/_-]`; `to` when all are.
    @inline(__always)
    static func plainEnd(_ bytes: Span<UInt8>, from: Int, to: Int) -> Int {
        bytes.firstIndex(from: from, to: to) { chunk in
            let isDash = chunk.equals(UInt8(ascii: "-")) .| chunk.equals(UInt8(ascii: "_"))
            return .!(chunk.isLetter .| chunk.isIn(UInt8(ascii: "/"), UInt8(ascii: "9")) .| isDash)
        }
    }

    /// The rest of pchar and query (RFC 3986 §3.3, §3.4): unreserved, sub-delims, `:`, `@`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"): true
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// True when the segment at `dot`, spelled with dots or `%2e`, is `.` or `..` (RFC 3986 §5.2.4).
    @inline(never)
    private static func isDotSegment(_ bytes: Span<UInt8>, at dot: Int, to end: Int) -> Bool {
        guard bytes[dot - 1] == UInt8(ascii: "/") else { return false }
        var (index, dotCount) = (dot, 0)
        while index < end {
            if bytes[index] == UInt8(ascii: ".") {
                index += 1
            } else if index + 2 < end, bytes[index] == UInt8(ascii: "%"), bytes[index + 1] == UInt8(ascii: "2"),
                bytes[index + 2] | 0x20 == UInt8(ascii: "e")
            {
                index += 3
            } else {
                break
            }
            dotCount += 1
        }
        let isSegmentEnd = index == end || bytes[index] == UInt8(ascii: "/") || bytes[index] == UInt8(ascii: "?")
        return isSegmentEnd && dotCount <= 2
    }

    @inline(never)
    private static func checkEncoding(
        _ bytes: Span<UInt8>,
        at percent: Int,
        to end: Int,
        isInPath: Bool
    ) throws(Refusal) {
        guard percent + 2 < end, let high = ASCII.hexValue(bytes[percent + 1]),
            let low = ASCII.hexValue(bytes[percent + 2])
        else { throw Refusal(.targetPercentEncoding, at: percent) }
        let byte = high << 4 | low
        if byte == 0 { throw Refusal(.targetEncodedNUL, at: percent) }
        guard isInPath else { return }
        switch byte {
        case 0..<0x20, ASCII.delete: throw Refusal(.targetEncodedControl, at: percent)
        case UInt8(ascii: "/"), UInt8(ascii: "\\"): throw Refusal(.targetEncodedSlash, at: percent)
        case UInt8(ascii: ".") where isDotSegment(bytes, at: percent, to: end):
            throw Refusal(.targetDotSegment, at: percent)
        default: break
        }
    }

    @inline(never)
    private static func refusal(_ byte: UInt8, at offset: Int) -> Refusal {
        switch byte {
        case ASCII.space, ASCII.tab: Refusal(.requestLineWhitespace, at: offset)
        case UInt8(ascii: "#"): Refusal(.targetFragment, at: offset)
        default: Refusal(.targetCharacter, at: offset)
        }
    }

    /// Why a target that does not begin with a slash is refused (RFC 9112 §3.2).
    ///
    /// Absolute form would have to be accepted by a server (§3.2.2); nobody but a proxy's client sends it,
    /// and two places for the authority are one too many.
    @inline(never)
    private static func otherForm(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Refusal {
        for index in start..<end where ASCII.isBlank(bytes[index]) { return Refusal(.requestLineWhitespace, at: index) }
        if start == end { return Refusal(.requestLineWhitespace, at: start) }
        if bytes[start] == UInt8(ascii: "*"), end - start == 1 { return Refusal(.targetAsteriskForm, at: start) }
        var index = start
        while index < end, ASCII.isNameByte(bytes[index]) { index += 1 }
        let isAbsolute =
            index > start && index + 2 < end && bytes[index] == UInt8(ascii: ":")
            && bytes[index + 1] == UInt8(ascii: "/") && bytes[index + 2] == UInt8(ascii: "/")
        return Refusal(isAbsolute ? .targetAbsoluteForm : .targetNotOriginForm, at: start)
    }
}
