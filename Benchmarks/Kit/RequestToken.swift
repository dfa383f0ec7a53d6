// SPDX-License-Identifier: Apache-2.0
package import Base

/// The mark of one request, which its answer has to carry: sixteen hexadecimal digits on the wire.
package struct RequestToken: Hashable, Sendable {
    package static let byteCount = 16

    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// Nothing for anything but sixteen lower-case digits.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count == Self.byteCount else { return nil }
        var value: UInt64 = 0
        for index in range {
            switch bytes[index] {
            case let byte where byte >= 0x30 && byte <= 0x39: value = value << 4 | UInt64(byte - 0x30)
            case let byte where byte >= 0x61 && byte <= 0x66: value = value << 4 | UInt64(byte - 0x61 + 10)
            default: return nil
            }
        }
        self.value = value
    }

    package func write(into buffer: inout ByteBuffer) {
        buffer.reserve(Self.byteCount)
        var shift = UInt64(64)
        while shift > 0 {
            shift -= 4
            buffer.append(Hex.digit(UInt8(truncatingIfNeeded: value >> shift) & 15))
        }
    }
}
