// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The fields after a chunked body (RFC 9112 §7.1.2): checked like a head's, then dropped.
///
/// Read whole, so that nothing of a malformed one counts as taken.
struct TrailerSection: Sendable {
    static let bytesMax = 4096

    private var cursor = LineCursor(limits: HeadLimits(lineBytesMax: bytesMax, headBytesMax: bytesMax))
    private var fieldCount = 0

    /// Goes on with the section that begins at `index`, and moves `index` past it once it is all there.
    ///
    /// - Returns: true when it was.
    mutating func next(_ input: Span<UInt8>, at index: inout Int) throws(Refusal) -> Bool {
        let bytes = input.extracting(index..<input.count)
        do throws(Refusal) {
            while let end = try cursor.lineEnd(in: bytes, isStartLine: false) {
                let start = cursor.start
                cursor.advance(past: end)
                if start == end {
                    index += end + 2
                    return true
                }
                let field = try FieldLine(bytes, start, end).field
                if field.known.isForbiddenInTrailer { throw Refusal(.trailerForbidden, at: start) }
                fieldCount += 1
                guard fieldCount <= HeadLimits.fieldCountCeiling else { throw Refusal(.trailerTooLarge, at: start) }
            }
            return false
        } catch {
            switch error.reason {
            case .fieldLineTooLong, .headTooLarge: throw Refusal(.trailerTooLarge, at: index + error.offset)
            default: throw Refusal(error.reason, at: index + error.offset)
            }
        }
    }
}
