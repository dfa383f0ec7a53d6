// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Reads a `Content-Length` value: 1*DIGIT and nothing else (RFC 9110 §8.6).
///
/// Stricter than what a recipient may take: no list, even of equal lengths, so that two hops can never
/// disagree about where a message ends (RFC 9112 §6.3). Below 2^63, so that it fits an `Int`.
@inline(__always)
func parseContentLength(_ value: ByteSlice, of bytes: Span<UInt8>) throws(Refusal) -> UInt64 {
    guard !value.isEmpty else { throw Refusal(.contentLengthMalformed, at: value.start) }
    var lengthBytes: UInt64 = 0
    for index in value.range {
        let digit = bytes[index] &- 0x30
        guard digit <= 9 else { throw Refusal(.contentLengthMalformed, at: index) }
        // Eighteen digits always fit.
        if value.count > 18, lengthBytes > (UInt64(Int.max) &- UInt64(digit)) / 10 {
            throw Refusal(.contentLengthTooLarge, at: value.start)
        }
        lengthBytes = lengthBytes &* 10 &+ UInt64(digit)
    }
    return lengthBytes
}
