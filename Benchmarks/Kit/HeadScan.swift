// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What a benchmark wants to know of one HTTP/1.1 head, found in one pass over its bytes.
///
/// Written apart from the gateway's own parser: the measuring side must not share the mistakes of what it measures.
package struct HeadScan: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case complete
        /// Call again with the same bytes and more behind them.
        case incomplete
        case malformed
    }

    /// A head longer than this is malformed.
    package static let byteCountMax = 32 << 10

    /// The head with its empty line.
    package private(set) var byteCount = 0
    /// Of an answer; 0 when the start line is none of an answer's.
    package private(set) var status = 0
    package private(set) var contentLength: Int?
    package private(set) var isChunked = false
    /// Where the value of `X-Token` lies; empty without one.
    package private(set) var token = 0..<0
    /// The value of `X-Answer-Bytes`.
    package private(set) var answerBytes: Int?
    private var isMalformed = false

    package init() {}

    /// Looks at the head that begins at the first of `bytes`; all results are of this call.
    package mutating func scan(_ bytes: Span<UInt8>) -> Outcome {
        self = HeadScan()
        var start = 0
        while true {
            guard let lineFeed = bytes.firstLineFeed(from: start) else {
                return bytes.count > Self.byteCountMax ? .malformed : .incomplete
            }
            guard lineFeed > start, lineFeed < Self.byteCountMax, bytes[lineFeed - 1] == 13 else { return .malformed }
            let end = lineFeed - 1
            if start == 0 {
                guard end > 0 else { return .malformed }
                readStatus(bytes, end)
            } else if start == end {
                byteCount = lineFeed + 1
                return isMalformed ? .malformed : .complete
            } else {
                readField(bytes, start, end)
            }
            start = lineFeed + 1
        }
    }

    private mutating func readStatus(_ bytes: Span<UInt8>, _ end: Int) {
        guard end >= 12, bytes.folded(0, end, begins: "http/1.") != nil, bytes[8] == UInt8(ascii: " ") else { return }
        status = bytes.decimal(9..<12) ?? 0
    }

    private mutating func readField(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        switch bytes[start] | 0x20 {
        case UInt8(ascii: "c"):
            guard let value = bytes.folded(start, end, begins: "content-length:") else { return }
            isMalformed = isMalformed || contentLength != nil
            contentLength = bytes.decimal(bytes.trimmed(value, end))
            isMalformed = isMalformed || contentLength == nil
        case UInt8(ascii: "t"):
            isChunked = isChunked || bytes.folded(start, end, begins: "transfer-encoding:") != nil
        case UInt8(ascii: "x"):
            if let value = bytes.folded(start, end, begins: "x-token:") {
                isMalformed = isMalformed || !token.isEmpty
                token = bytes.trimmed(value, end)
            } else if let value = bytes.folded(start, end, begins: "x-answer-bytes:") {
                isMalformed = isMalformed || answerBytes != nil
                answerBytes = bytes.decimal(bytes.trimmed(value, end))
                isMalformed = isMalformed || answerBytes == nil
            }
        default: return
        }
    }
}

extension Span<UInt8> {
    fileprivate func firstLineFeed(from start: Int) -> Int? {
        let found = firstIndex(from: start, to: count) { $0.equals(10) }
        return found < count ? found : nil
    }

    /// The index behind `text`, where the line starts with it in any case; `text` is lower-case.
    fileprivate func folded(_ start: Int, _ end: Int, begins text: StaticString) -> Int? {
        let length = text.utf8CodeUnitCount
        guard end - start >= length else { return nil }
        for index in 0..<length {
            let byte = self[start + index]
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isUpper ? byte | 0x20 : byte) == text.byte(at: index) else { return nil }
        }
        return start + length
    }

    fileprivate func trimmed(_ start: Int, _ end: Int) -> Range<Int> {
        var start = start
        var end = end
        while start < end, self[start] == UInt8(ascii: " ") || self[start] == 9 { start += 1 }
        while end > start, self[end - 1] == UInt8(ascii: " ") || self[end - 1] == 9 { end -= 1 }
        return start..<end
    }

    /// One to fifteen digits and nothing else.
    fileprivate func decimal(_ range: Range<Int>) -> Int? {
        guard (1...15).contains(range.count) else { return nil }
        var value = 0
        for index in range {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
