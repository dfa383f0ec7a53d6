// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Checks that a `Transfer-Encoding` value is exactly `chunked` (RFC 9112 §6.1, §7).
///
/// No other coding is understood here, and none is passed on unread.
///
/// - Throws: 501 for a well-formed list of codings we do not know, 400 for everything else.
func checkTransferEncoding(_ value: ByteSlice, of bytes: Span<UInt8>) throws(Refusal) {
    if bytes[value].equalsIgnoringCase("chunked") { return }
    var (chunkedCount, isChunkedLast, elementCount) = (0, false, 0)
    try bytes.forEachElement(of: value) { element throws(Refusal) in
        elementCount += 1
        if let malformed = malformation(of: element, in: bytes) { throw malformed }
        isChunkedLast = FoldedName(bytes, element)?.equals("chunked") ?? false
        if isChunkedLast { chunkedCount += 1 }
    }
    if chunkedCount > 1 { throw Refusal(.transferEncodingChunkedTwice, at: value.start) }
    if chunkedCount == 1, !isChunkedLast { throw Refusal(.transferEncodingChunkedNotLast, at: value.start) }
    // "chunked" with empty elements around it, or nothing at all.
    if elementCount == chunkedCount { throw Refusal(.transferEncodingMalformed, at: value.start) }
    throw Refusal(.transferCodingUnknown, at: value.start)
}

private func malformation(of element: Range<Int>, in bytes: Span<UInt8>) -> Refusal? {
    for index in element where !ASCII.isTokenByte(bytes[index]) {
        let isParameter = bytes[index] == UInt8(ascii: ";") && index > element.lowerBound
        return Refusal(isParameter ? .transferEncodingParameters : .transferEncodingMalformed, at: index)
    }
    return nil
}
