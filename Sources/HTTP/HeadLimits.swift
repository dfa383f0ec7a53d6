// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How large a message head may be.
///
/// Past any of them the message is refused with 414 (request line) or 431 (fields).
package struct HeadLimits: Hashable, Sendable {
    /// Fields a head can hold at all: the size of ``FieldTable``'s storage.
    package static let fieldCountCeiling = 64

    /// Bytes of one line, its CRLF not counted.
    package let lineBytesMax: Int
    package let fieldCountMax: Int
    /// Bytes of the whole head, from its first byte to the empty line's CRLF.
    package let headBytesMax: Int

    /// - Precondition: 1 to 64 fields; a line fits the head; the head fits 16-bit offsets.
    package init(lineBytesMax: Int = 8192, fieldCountMax: Int = 64, headBytesMax: Int = 32768) {
        invariant((1...Self.fieldCountCeiling).contains(fieldCountMax), "fieldCountMax out of range")
        invariant((64...65535).contains(headBytesMax), "headBytesMax out of range")
        invariant((16...headBytesMax).contains(lineBytesMax), "lineBytesMax out of range")
        self.lineBytesMax = lineBytesMax
        self.fieldCountMax = fieldCountMax
        self.headBytesMax = headBytesMax
    }
}
