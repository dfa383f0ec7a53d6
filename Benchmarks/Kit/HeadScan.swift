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
        // "HTTP/1." as a word, its eighth byte the minor version.
        guard end >= 12, bytes.word(at: 0) << 8 == 0x2e31_2f50_5454_4800, bytes[8] == UInt8(ascii: " ") else { return }
        status = bytes.decimal(9..<12) ?? 0
    }

    private mutating func readField(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        let first = bytes[start] | 0x20
        // No other letter begins a name that is looked for.
        guard first == UInt8(ascii: "c") || first == UInt8(ascii: "t") || first == UInt8(ascii: "x") else { return }
        let line = bytes.widePadded(at: start).words
        if FieldName.contentLength.begins(line) {
            isMalformed = isMalformed || contentLength != nil
            contentLength = bytes.decimal(bytes.trimmed(start + FieldName.contentLength.byteCount, end))
            isMalformed = isMalformed || contentLength == nil
        } else if FieldName.token.begins(line) {
            isMalformed = isMalformed || !token.isEmpty
            token = bytes.trimmed(start + FieldName.token.byteCount, end)
        } else if FieldName.answerBytes.begins(line) {
            isMalformed = isMalformed || answerBytes != nil
            answerBytes = bytes.decimal(bytes.trimmed(start + FieldName.answerBytes.byteCount, end))
            isMalformed = isMalformed || answerBytes == nil
        } else if FieldName.transferEncoding.begins(line) {
            isChunked = true
        }
    }
}

/// A field's name with its colon, as the two words a line is compared with; at most sixteen bytes count.
private struct FieldName: Sendable {
    static let contentLength = FieldName("content-length:")
    static let token = FieldName("x-token:")
    static let answerBytes = FieldName("x-answer-bytes:")
    static let transferEncoding = FieldName("transfer-encoding:")

    private static let lowerCase: UInt64 = 0x2020_2020_2020_2020

    let byteCount: Int
    private let wanted: (low: UInt64, high: UInt64)
    private let mask: (low: UInt64, high: UInt64)

    private init(_ name: StaticString) {
        byteCount = name.utf8CodeUnitCount
        var wanted = SIMD16<UInt8>()
        var mask = SIMD16<UInt8>()
        for index in 0..<min(byteCount, 16) {
            wanted[index] = name.byte(at: index)
            mask[index] = 0xff
        }
        self.wanted = wanted.words
        self.mask = mask.words
    }

    /// Letters in any case; a name of a gateway holds no control character that this takes for another.
    func begins(_ line: (low: UInt64, high: UInt64)) -> Bool {
        (line.low | Self.lowerCase) & mask.low == wanted.low && (line.high | Self.lowerCase) & mask.high == wanted.high
    }
}

extension Span<UInt8> {
    fileprivate func firstLineFeed(from start: Int) -> Int? {
        let found = firstIndex(from: start, to: count) { $0.equals(10) }
        return found < count ? found : nil
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
